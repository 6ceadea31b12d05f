#!/bin/bash
# must_reach_api.sh BIN [ROUNDS]: the figures that select and the synchronisation must reach on one
# proc, measured now. As must_reach.sh: each round runs every workload once in a process of its own;
# the table gives the median over the rounds, and its ratio to the bare register swap of the same
# rounds. Prints a table; asserts nothing.
set -euo pipefail
bin=${1:?usage: must_reach_api.sh BIN [ROUNDS]}
rounds=${2:-15}
# shellcheck source=tests/perf/trials.sh
. "$(dirname "$(readlink -f "$0")")/trials.sh"
samples=$(mktemp)
trap 'rm -f "$samples"' EXIT

# name | metric | limit of the ratio | worker's options
figures() {
    local contended='--workload sync.mutex --param tasks=100 --param rounds=1000'
    cat <<TABLE
anatomy.swap|swap|1|--workload anatomy.swap
chan.select, 2 ready|select|25|--workload chan.select
sync.mutex, free|lock|6|--workload sync.mutex
sync.rwlock, read|lock|7|--workload sync.rwlock
sync.mutex, 100 tasks|lock|8|$contended --param hold=10
sync.mutex, 100 tasks, held over a yield each time|lock|-|$contended --param hold=1
sync.waitgroup, 1000|task|20|--workload sync.waitgroup
TABLE
}

for _ in $(seq "$rounds"); do
    while IFS='|' read -r name metric ratio options; do
        # shellcheck disable=SC2086 # options are words
        value=$(run taskset -c 1 "$bin/switchyard-green" $options | median_of "$metric")
        echo "$name|$ratio|$value"
    done < <(figures)
done | sort -t'|' -k1,1 -k3,3g >"$samples"

awk -F'|' -v order="$(figures | cut -d'|' -f1 | tr '\n' '|')" '
    {count[$1]++; value[$1, count[$1]] = $3; most[$1] = $2}
    function median(name) {return value[name, int((count[name] + 1) / 2)]}
    END {
        print "| metric | median, ns | ratio to the swap | at most |"
        print "|---|---|---|---|"
        names = split(order, name, "|") - 1
        for (i = 1; i <= names; i++)
            printf "| %s | %.2f | %.2f | %s |\n", name[i], median(name[i]),
                median(name[i]) / median("anatomy.swap"), most[name[i]]
    }' "$samples"
