#!/bin/bash
# instructions.sh BIN: instructions of each operation of the green runtime, counted by callgrind as
# the difference of two runs with different numbers of operations, so that the start is not in it.
# Counts are exact and the same on a busy machine. They contain the workload's own loop.
set -euo pipefail
bin=${1:?usage: instructions.sh BIN}
if ! command -v valgrind >/dev/null; then
    echo "instructions.sh: valgrind is missing: apt-get install valgrind" >&2
    exit 1
fi

# Sysmon's clock runs while tasks wait, and callgrind counts all threads.
noclock=nopreemptcall,nopreemptprologue,nopreemptsignal,nogiveback

# collected WORKLOAD OPTIONS...: all instructions of one run
collected() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null --error-exitcode=1 \
        "$bin/switchyard-green" --epochs 1 --warmup 0 --tune "$noclock" \
        --workload "$@" 2>&1 >/dev/null |
        sed -n 's/.*Collected : //p'
}

# count WORKLOAD PARAMETER OPERATIONS OPTIONS...: OPERATIONS for each unit of the parameter
count() {
    local workload=$1 parameter=$2 operations=$3 few many
    shift 3
    few=$(collected "$workload" --param "$parameter=10000" "$@")
    many=$(collected "$workload" --param "$parameter=50000" "$@")
    awk -v name="$workload" -v n="$((40000 * operations))" -v d="$((many - few))" \
        'BEGIN {printf "| %s | %.1f |\n", name, d / n}'
}

echo "| one operation of | instructions |"
echo "|---|---|"
count anatomy.swap rounds 2
count switch.yield rounds 2 --param latency_rounds=0
count switch.chan rounds 2 --param latency_rounds=0
count switch.mutex rounds 2
count switch.cond rounds 2
count chan.buffered items 1
count create.serial rounds 1
count create.batch rounds 100 --param tasks=100
