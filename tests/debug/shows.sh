#!/bin/bash
# shows.sh DOCUMENT NAME STUCK [WORKER | SCRIPT] - runs one example of docs/debugging.md and
# compares it with what the document shows after "<!-- shows: NAME -->": each line of the block must
# be in the output, in the same order, but for numbers, paths and arguments. Lines of three dots,
# and frames without a name, which depend on the compiler, are left out. 77: gdb is missing.
set -u
[ $# -ge 3 ] || { echo "usage: shows.sh DOCUMENT NAME STUCK [WORKER | SCRIPT]" >&2; exit 2; }
document=$1
name=$2
stuck=$3
last=${4:-}
ATTEMPTS=20
CONNECTIONS=100

run_gdb() {
    command -v gdb >/dev/null || exit 77
    timeout 60 gdb -q -nx -batch -ex 'set print address off' -ex 'set print frame-arguments none' \
        -ex 'set filename-display basename' -ex 'set width 0' -ex "source $last" \
        -ex 'break look_here' -ex 'run stop' -ex sy-tasks -ex sy-procs -ex 'sy-bt 2' \
        -ex 'sy-bt 1 1' "$stuck" 2>&1
}

# True once the child of $1, if it lives, has all its connections open.
is_open() {
    local worker
    worker=$(pgrep -P "$1") || ! kill -0 "$1" 2>/dev/null || return 1
    [ -z "$worker" ] || [ "$(find "/proc/$worker/fd" 2>/dev/null | wc -l)" -gt $CONNECTIONS ]
}

# Now and then the signal finds the epoll loops beside the tasks, or all tasks ready: then again.
run_quit() {
    local attempt output pid
    for ((attempt = 1; attempt <= ATTEMPTS; attempt++)); do
        output=$(
            timeout 60 "$last" --workload=io.echo --param=connections=$CONNECTIONS 2>&1 >/dev/null &
            pid=$!
            until is_open $pid; do :; done
            pkill -QUIT -P $pid
            wait $pid
            echo "exit status $?"
        )
        if grep -q '"connection": waits to read' <<<"$output"; then
            break
        fi
    done
    echo "$output"
}

run_example() {
    case $name in
        deadlock) timeout 60 "$stuck" deadlock; echo "exit status $?" ;;
        dump) timeout 60 "$stuck" dump ;;
        leak) SWITCHYARD_DEBUG=leaks timeout 60 "$stuck" leak ;;
        schedtrace) SWITCHYARD_DEBUG=schedtrace=20 timeout 60 "$stuck" sleep ;;
        quit) run_quit ;;
        gdb) run_gdb ;;
        *) echo "no example $name" >&2; exit 2 ;;
    esac 2>&1
}

# The lines of the first block after the marker.
shown() {
    awk -v marker="<!-- shows: $name -->" '
        $0 == marker {found = 1; next}
        found && /^```/ {if (inside) exit; inside = 1; next}
        found && inside' "$document"
}

normalise() {
    sed -E -e '/^\$ /d' -e '/^\.\.\.$/d' -e '/^ *$/d' -e '/\((sy_run)?\+0x/d' \
        -e 's/0x[0-9a-f]+/HEX/g' -e 's/[0-9]+/N/g' -e 's#[^ ]*/##g' \
        -e 's/^#N +([a-z_]+) .*/#N \1/' -e 's/ +/ /g'
}

output=$(run_example) || { status=$?; echo "$output"; exit $status; }
expected=$(shown | normalise)
[ -n "$expected" ] || { echo "$document shows nothing for $name" >&2; exit 1; }
missing=$(awk 'NR == FNR {wanted[++count] = $0; next}
    BEGIN {next_one = 1}
    next_one <= count && $0 == wanted[next_one] {next_one++}
    END {if (next_one <= count) print wanted[next_one]}' \
    <(echo "$expected") <(normalise <<<"$output"))
if [ -n "$missing" ]; then
    printf 'not in the output, or not there: %s\nThe output:\n%s\n' "$missing" "$output"
    exit 1
fi
