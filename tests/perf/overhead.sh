#!/bin/bash
# overhead.sh [OPTION...] - how much of a run is the harness itself?
#
#     tests/perf/overhead.sh              # the default experiment, six minutes
#     tests/perf/overhead.sh --quick
#
# Method: the results tell how long workers ran (context.spent.workers_s, from the start of each
# child to its end). The rest of the program's time from its start to its end, machine lock, lists
# of workloads, saving and summary included, is the harness. At most 2 % of the default experiment.
set -eu

switchyard=${SWITCHYARD:-build/release/bin/switchyard}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- --default

start=$(date +%s.%N)
"$switchyard" run "$@" --no-wait --out "$work/results.json" >/dev/null
end=$(date +%s.%N)
jq -r --arg start "$start" --arg stop "$end" '
    (($stop | tonumber) - ($start | tonumber)) as $whole
    | .context.spent as $spent
    | "whole \($whole * 1000 | round / 1000) s, "
    + "workers \($spent.workers_s * 1000 | round / 1000) s, "
    + "harness \(($whole - $spent.workers_s) * 1000 | round / 1000) s: "
    + "\(($whole - $spent.workers_s) / $whole * 10000 | round / 100) %"' "$work/results.json"
