#!/bin/bash
# run.sh PROGRAM NAME FOLDER - an example prints what FOLDER/expected/NAME.txt says and ends well.
# The chat server is used by two clients.
set -u
[ $# -eq 3 ] || { echo "usage: run.sh PROGRAM NAME FOLDER" >&2; exit 2; }
program=$1
name=$2
expected=$3/expected/$name.txt
ATTEMPTS=20

fail() {
    echo "$*"
    exit 1
}

# The server's port may be taken: then it ends, and another one is tried.
start_server() {
    local attempt
    for ((attempt = 1; attempt <= ATTEMPTS; attempt++)); do
        port=$((20000 + RANDOM % 10000))
        "$program" $port &
        server=$!
        while kill -0 $server 2>/dev/null; do
            if { exec 3<>/dev/tcp/127.0.0.1/$port; } 2>/dev/null; then
                return 0
            fi
        done
    done
    fail "no server in $ATTEMPTS attempts"
}

# hear DESCRIPTOR LINE
hear() {
    local line
    read -r -t 20 line <&"$1" || fail "nothing heard"
    [ "$line" = "$2" ] || fail "heard: $line"
}

run_chat() {
    start_server
    exec 4<>"/dev/tcp/127.0.0.1/$port" || fail "no second client"
    # The server may not have taken the second client yet: it hears the answer to what it says.
    echo "is anybody there?" >&4
    hear 3 "is anybody there?"
    echo "yes" >&3
    hear 4 "yes"
    exec 3>&-
    exec 3<>"/dev/tcp/127.0.0.1/$port" || fail "no third client"
    echo "hello again" >&3
    hear 4 "hello again"
    kill $server
    wait $server 2>/dev/null
    return 0
}

if [ "$name" = chat ]; then
    run_chat
    exit 0
fi
output=$(timeout 50 "$program") || fail "exit status $?: $output"
diff <(echo "$output") "$expected"
