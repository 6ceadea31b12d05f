#!/bin/bash
# must_reach.sh BIN [ROUNDS]: the figures that the green runtime must reach, measured now.
# BIN is the folder of the release build's programs. Each round runs every workload once, in a
# process of its own, so that a slow phase of the machine meets all of them; a process gives the
# median of its epochs, the table the median over the rounds. The ratio is to the bare register swap
# (anatomy.swap) of the same rounds. Prints a table; asserts nothing.
set -euo pipefail
bin=${1:?usage: must_reach.sh BIN [ROUNDS]}
rounds=${2:-15}
# shellcheck source=tests/perf/trials.sh
. "$(dirname "$(readlink -f "$0")")/trials.sh"
samples=$(mktemp)
trap 'rm -f "$samples"' EXIT

# name | metric | limit | limit of the ratio (0: none) | worker's options
figures() {
    cat <<'TABLE'
anatomy.swap|swap|2.5|1|--workload anatomy.swap
switch.yield|switch|10|5|--workload switch.yield --param latency_rounds=0
switch.chan|switch|25|12|--workload switch.chan --param latency_rounds=0
chan.buffered|item|10|5|--workload chan.buffered
create.serial|create|45|21|--workload create.serial --param rounds=20000
create.batch|create|40|19|--workload create.batch --param rounds=100
switch.chan 2 procs|switch|0|0|--workload switch.chan --procs 2 --param latency_rounds=0
skynet 10^6, 2 procs, ms|total|150|0|--workload skynet --procs 2
forkjoin.fib(25), ms|total|20|0|--workload forkjoin.fib
TABLE
}

for _ in $(seq "$rounds"); do
    while IFS='|' read -r name metric limit ratio options; do
        pin=1
        case $options in *"--procs 2"*) pin=0,1 ;; esac
        # shellcheck disable=SC2086 # options are words
        value=$(run taskset -c "$pin" "$bin/switchyard-green" $options | median_of "$metric")
        echo "$name|$limit|$ratio|$value"
    done < <(figures)
done | sort -t'|' -k1,1 -k4,4g >"$samples"

awk -F'|' -v order="$(figures | cut -d'|' -f1 | tr '\n' '|')" '
    {count[$1]++; value[$1, count[$1]] = $4; limit[$1] = $2; most[$1] = $3}
    function median(name) {return value[name, int((count[name] + 1) / 2)]}
    END {
        print "| metric | median | at most | ratio to the swap | at most |"
        print "|---|---|---|---|---|"
        swap = median("anatomy.swap")
        limit["switch.chan 2 procs"] = 1.3 * median("switch.chan")
        names = split(order, name, "|") - 1
        for (i = 1; i <= names; i++) {
            m = median(name[i])
            ratio = most[name[i]] > 0 ? sprintf("%.2f", m / swap) : "–"
            bound = most[name[i]] > 0 ? most[name[i]] : "–"
            printf "| %s | %.2f | %.4g | %s | %s |\n", name[i], m, limit[name[i]], ratio, bound
        }
    }' "$samples"

echo
parked=$(run "$bin/switchyard-green" --workload memory.park --param tasks=1000000)
mappings=${parked#*'"label":"parked"'}
mappings=${mappings#*'"mappings":'}
echo "memory.park, 10^6 tasks: $(echo "$parked" | median_of total) B a task (at most 4400)," \
    "${mappings%%[,\}]*} mappings (fewer than 100)"
echo "idle, 4 procs: $("$bin/perf_idle") (at most 1000)"
