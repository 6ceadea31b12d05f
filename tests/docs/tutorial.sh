#!/bin/bash
# tutorial.sh DOCUMENT COMPILER BUILD - builds the programs that the document shows, with both
# runtimes, runs the commands that it shows, and compares their output with what it shows.
#
#     <!-- file: NAME.c -->              the next block is a program: NAME-green and NAME-pthread
#     <!-- console -->                   the next block holds commands, after "$ ", and their output
#     <!-- console, numbers vary -->     the same, compared but for numbers
set -u
[ $# -eq 3 ] || { echo "usage: tutorial.sh DOCUMENT COMPILER BUILD" >&2; exit 2; }
document=$(readlink -f "$1")
compiler=$2
build=$(readlink -f "$3")
source=$(dirname "$(dirname "$document")")
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
programs=0
commands=0

fail() {
    echo "$*"
    exit 1
}

# Each block that a marker stands before becomes a file: 001.c.NAME, 002.console, 003.varies.
split() {
    awk '
        /^<!-- file: .* -->$/ {kind = "c." $3; next}
        /^<!-- console -->$/ {kind = "console"; next}
        /^<!-- console, numbers vary -->$/ {kind = "varies"; next}
        /^```/ {
            if (inside) {inside = 0; kind = ""}
            else if (kind != "") {inside = 1; file = sprintf("%03d.%s", ++count, kind)}
            next
        }
        inside {print >file}' "$document"
}

compile() {
    local name=${1%.c} runtime extra
    programs=$((programs + 1))
    for runtime in green pthread; do
        extra=
        library=$build/runtime/libswitchyard_green.a
        if [ $runtime = pthread ]; then
            library=$build/pthread_baseline/libswitchyard_pthread.a
        else
            extra="-lhwloc -no-pie"
        fi
        # shellcheck disable=SC2086 # flags are words
        "$compiler" -Wall -Wextra -Werror -O2 -I"$source/runtime/include" -x c "$2" -x none \
            -o "$name-$runtime" "$library" "$build/runtime/libswitchyard_base.a" -pthread $extra ||
            fail "$1 does not compile with $runtime"
    done
}

# Runs the commands of a block and prints them with their output, as the block shows them.
replay() {
    local line
    while IFS= read -r line; do
        case $line in
        '$ '*)
            echo "$line"
            timeout 30 bash -c "${line#\$ }" </dev/null
            ;;
        esac
    done <"$1"
}

without_numbers() {
    sed -E 's/[0-9]+/N/g'
}

check() {
    local shown=$1 kind=$2
    replay "$shown" >seen
    commands=$((commands + $(grep -c '^\$ ' "$shown")))
    if [ "$kind" = varies ]; then
        without_numbers <"$shown" >wanted
        without_numbers <seen >got
    else
        cp "$shown" wanted
        cp seen got
    fi
    diff wanted got || fail "the output is not what the document shows"
}

split
for block in [0-9][0-9][0-9].*; do
    kind=${block#*.}
    case $kind in
    c.*) compile "${kind#c.}" "$block" ;;
    *) check "$block" "$kind" ;;
    esac
done
if [ $programs -lt 1 ] || [ $commands -lt 1 ]; then
    fail "nothing is shown"
fi
echo "$programs programs, $commands commands"
