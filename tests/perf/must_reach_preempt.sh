#!/bin/bash
# must_reach_preempt.sh BIN [WAKEUPS]: what preemption must reach, measured now: how late a task
# wakes up on one proc beside a hog of each kind. BIN is the folder of the release build's
# programs. Percentiles of WAKEUPS wake-ups (500), a process each. A table; it asserts nothing.
set -euo pipefail
bin=${1:?usage: must_reach_preempt.sh BIN [WAKEUPS]}
wakeups=${2:-500}
# shellcheck source=tests/perf/trials.sh
. "$(dirname "$(readlink -f "$0")")/trials.sh"
kinds=(calls functions loop malloc qsort memcpy)

milliseconds() { awk -v ns="$1" 'BEGIN {printf "%.1f", ns / 1e6}'; }

echo "| hog | wakes up late, ms: p50 | p99 | max | progress of the hog, % |"
echo "|---|---|---|---|---|"
for kind in "${!kinds[@]}"; do
    json=$(run "$bin/switchyard-green" --workload preempt.hog --procs 1 --epochs 1 --warmup 0 \
        --param kind="$kind" --param wakeups="$wakeups")
    printf "| %s |" "${kinds[$kind]}"
    for percentile in 50 99 100; do
        printf " %s |" "$(milliseconds "$(percentile_of delay "$percentile" <<<"$json")")"
    done
    printf " %.1f |\n" "$(median_of progress <<<"$json")"
done
