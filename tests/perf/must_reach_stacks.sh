#!/bin/bash
# must_reach_stacks.sh BIN [ROUNDS [BIN_UNCHECKED]]: what growing stacks must reach, measured now.
# BIN is the folder of the release build's programs; BIN_UNCHECKED that of one that was configured
# with -DSWITCHYARD_CHECK_STACKS=OFF, to see what the checks cost forkjoin.fib. Each round runs each
# workload once, in a process of its own, so that a slow phase of the machine meets all of them; the
# table has the least and the median over the rounds of each process's median (of what the checks
# cost: the quotient of the least, and of the medians). Prints a table; asserts nothing.
set -euo pipefail
bin=${1:?usage: must_reach_stacks.sh BIN [ROUNDS [BIN_UNCHECKED]]}
rounds=${2:-15}
unchecked=${3:-}
# shellcheck source=tests/perf/trials.sh
. "$(dirname "$(readlink -f "$0")")/trials.sh"
samples=$(mktemp)
trap 'rm -f "$samples"' EXIT

# sample FOLDER METRIC=NAME... -- OPTIONS...: one process; each metric's median under that name
sample() {
    local folder=$1 names=() json pair
    shift
    while [ "$1" != -- ]; do
        names+=("$1")
        shift
    done
    json=$(run taskset -c 1 "$folder/switchyard-green" "${@:2}")
    for pair in "${names[@]}"; do
        echo "${pair#*=}|$(median_of "${pair%%=*}" <<<"$json")"
    done
}

for _ in $(seq "$rounds"); do
    sample "$bin" total=deep -- --workload stack.deep --epochs 3 --param bytes=$((1 << 30))
    sample "$bin" cross=cross plain=plain -- --workload stack.cross --epochs 25 --param calls=50000
    sample "$bin" checked=fib_checked plain=fib_plain -- --workload stack.check --epochs 3 --param n=35
    if [ -n "$unchecked" ]; then
        sample "$bin" total=forkjoin_checked -- --workload forkjoin.fib
        sample "$unchecked" total=forkjoin_plain -- --workload forkjoin.fib
    fi
done >"$samples"

# of WHICH NAME: the median, or the least, over the rounds
of() {
    sed -n "s/^$2|//p" "$samples" | "$1"
}

least() {
    sort -g | head -n 1
}

# slower WHICH CHECKED PLAIN: by how many per cent
slower() {
    awk -v a="$(of "$1" "$2")" -v b="$(of "$1" "$3")" 'BEGIN {printf "%.1f", 100 * (a / b - 1)}'
}

# row TEXT LIMIT FUNCTION ARGUMENTS...
row() {
    echo "| $1 | $("$3" least "${@:4}") | $("$3" median "${@:4}") | $2 |"
}

echo "| metric | least | median | at most |"
echo "|---|---|---|---|"
row "recursion to 1 GiB, ms" 2000 of deep
row "call across a boundary, ns" 8 of cross
row "the same call elsewhere, ns" – of plain
row "checks in fib(35), %" 5 slower fib_checked fib_plain
if [ -n "$unchecked" ]; then
    row "checks in forkjoin.fib, %" 5 slower forkjoin_checked forkjoin_plain
fi
