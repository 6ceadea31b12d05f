#!/bin/bash
# ablation.sh BIN [ROUNDS]: what each technique of the green runtime is worth. Each round runs every
# workload once with all techniques and once without each of them, in processes of their own; the
# table has the medians over the rounds of the ratios within a round: time without / time with, so
# that more than 1 means that the technique pays. Also what tracing costs. It asserts nothing.
set -euo pipefail
bin=${1:?usage: ablation.sh BIN [ROUNDS]}
rounds=${2:-5}
# shellcheck source=tests/perf/trials.sh
. "$(dirname "$(readlink -f "$0")")/trials.sh"
samples=$(mktemp)
trace=$(mktemp)
trap 'rm -f "$samples" "$trace"' EXIT

techniques=(norunnext nosteal nospin nohandoff nobias nostackcache nofpsave nopatience trace)

# column | metric | CPUs | worker's options
workloads() {
    cat <<'TABLE'
switch.yield|switch|1|--workload switch.yield --param latency_rounds=0
switch.chan|switch|1|--workload switch.chan --param latency_rounds=0
create.batch|create|1|--workload create.batch --param rounds=100
switch.chan, 2 procs|switch|0,1|--workload switch.chan --procs 2 --param latency_rounds=0
chan.mpmc, 2 procs|item|0,1|--workload chan.mpmc --procs 2
skynet, 2 procs|total|0,1|--workload skynet --procs 2 --epochs 3
steal.imbalance, 2 procs|total|0,1|--workload steal.imbalance --procs 2 --epochs 3
go.ChanPopular, 2 procs|op|0,1|--workload go.ChanPopular --procs 2 --epochs 5
go.SelectSyncContended, 2 procs|op|0,1|--workload go.SelectSyncContended --procs 2 --epochs 5
TABLE
}

# measure METRIC CPUS TECHNIQUE OPTIONS...
measure() {
    local metric=$1 cpus=$2 technique=$3
    local command=(taskset -c "$cpus" "$bin/switchyard-green")
    shift 3
    case $technique in
    none) ;;
    trace) command+=(--trace "$trace") ;;
    *) command+=(--tune "$technique") ;;
    esac
    run "${command[@]}" "$@" | median_of "$metric"
}

for _ in $(seq "$rounds"); do
    while IFS='|' read -r column metric cpus options; do
        read -ra words <<<"$options"
        with=$(measure "$metric" "$cpus" none "${words[@]}")
        for technique in "${techniques[@]}"; do
            without=$(measure "$metric" "$cpus" "$technique" "${words[@]}")
            echo "$technique|$column|$(awk -v a="$without" -v b="$with" 'BEGIN {print a / b}')" \
                >>"$samples"
        done
    done < <(workloads)
done

echo "| without |$(workloads | cut -d'|' -f1 | tr '\n' '|')"
echo "|---|$(workloads | sed 's/.*/---|/' | tr -d '\n')"
for technique in "${techniques[@]}"; do
    row="| $technique |"
    while IFS='|' read -r column _; do
        ratio=$(awk -F'|' -v t="$technique" -v c="$column" '$1 == t && $2 == c {print $3}' \
            "$samples" | median)
        row+=$(printf ' %.2f |' "$ratio")
    done < <(workloads)
    echo "$row"
done
