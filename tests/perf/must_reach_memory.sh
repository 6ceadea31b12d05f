#!/bin/bash
# must_reach_memory.sh BIN [TASKS]: what parked tasks hold and what comes back, against what the
# green runtime must reach, measured now. BIN is the folder of the programs of the release build.
# Prints a table; asserts nothing.
set -euo pipefail
bin=${1:?usage: must_reach_memory.sh BIN [TASKS]}
tasks=${2:-1000000}
# shellcheck source=tests/perf/trials.sh
. "$(dirname "$(readlink -f "$0")")/trials.sh"

worker() { run "$bin/switchyard-green" --workload "$@"; }

echo "| metric | now | at most |"
echo "|---|---|---|"
parked=$(worker memory.park --param "tasks=$tasks" | median_of total)
echo "| $tasks parked, lazy, B a task in all | $parked | 4300 |"
cold=$(worker memory.cold --param "tasks=$tasks" --param wakes=1000)
echo "| $tasks parked cold, hibernate, B a task in all | $(echo "$cold" | median_of total) | 660 |"
echo "| wake of a cold task, median, ns | $(echo "$cold" | percentile_of wake 50) | 3000 |"
deep=$(worker memory.deep)
before=$(echo "$deep" | median_of rss_before)
after=$(echo "$deep" | median_of rss_1000ms)
ratio=$(awk -v a="$after" -v b="$before" 'BEGIN {printf "%.2f", a / b}')
echo "| RSS 1 s after memory.deep, times of before | $ratio | 1.2 |"
