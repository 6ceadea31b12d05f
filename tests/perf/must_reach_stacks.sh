#!/bin/bash
# must_reach_stacks.sh BIN [ROUNDS [BIN_UNCHECKED]]: what growing stacks must reach, measured now.
# BIN is the folder of the release build's programs; BIN_UNCHECKED that of one that was configured
# with -DSWITCHYARD_CHECK_STACKS=OFF, to see what the checks cost forkjoin.fib. Each round runs each
# workload once, in a process of its own, so that a slow phase of the machine meets all of them; the
# table has the median over the rounds of each process's median. Prints a table; asserts nothing.
set -euo pipefail
bin=${1:?usage: must_reach_stacks.sh BIN [ROUNDS [BIN_UNCHECKED]]}
rounds=${2:-15}
unchecked=${3:-}
# shellcheck source=tests/perf/trials.sh
. "$(dirname "$(readlink -f "$0")")/trials.sh"
samples=$(mktemp)
trap 'rm -f "$samples"' EXIT

# sample NAME METRIC FOLDER OPTIONS...
sample() {
    local name=$1 metric=$2 folder=$3
    shift 3
    echo "$name|$(run taskset -c 1 "$folder/switchyard-green" "$@" | median_of "$metric")"
}

for _ in $(seq "$rounds"); do
    sample deep total "$bin" --workload stack.deep --epochs 3 --param bytes=$((1 << 30))
    sample cross cross "$bin" --workload stack.cross --epochs 5
    sample plain plain "$bin" --workload stack.cross --epochs 5
    sample fib_checked checked "$bin" --workload stack.check --epochs 3 --param n=35
    sample fib_plain plain "$bin" --workload stack.check --epochs 3 --param n=35
    if [ -n "$unchecked" ]; then
        sample forkjoin_checked total "$bin" --workload forkjoin.fib
        sample forkjoin_plain total "$unchecked" --workload forkjoin.fib
    fi
done >"$samples"

# of NAME: its median over the rounds
of() {
    sed -n "s/^$1|//p" "$samples" | median
}

# slower CHECKED PLAIN: by how many per cent
slower() {
    awk -v a="$(of "$1")" -v b="$(of "$2")" 'BEGIN {printf "%.1f", 100 * (a / b - 1)}'
}

echo "| metric | median | at most |"
echo "|---|---|---|"
echo "| recursion to 1 GiB, ms | $(of deep) | 2000 |"
echo "| call across a boundary, ns | $(of cross) | 8 |"
echo "| the same call elsewhere, ns | $(of plain) | – |"
echo "| checks in fib(35), % | $(slower fib_checked fib_plain) | 5 |"
if [ -n "$unchecked" ]; then
    echo "| checks in forkjoin.fib, % | $(slower forkjoin_checked forkjoin_plain) | 5 |"
fi
