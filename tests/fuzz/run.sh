#!/bin/bash
# run.sh TARGET SEEDS DICTIONARY WORK - fuzzes for SWITCHYARD_FUZZ_SECONDS (60). What is found that
# goes new ways is kept in WORK, for the next run. An input that goes wrong is printed, to become a
# seed.
set -u

target=$1
seeds=$2
dictionary=$3
work=$4
mkdir -p "$work/corpus" || exit 1
rm -f "$work"/crash-* "$work"/leak-* "$work"/timeout-* "$work"/oom-*
log=$work/log
if "$target" -max_total_time="${SWITCHYARD_FUZZ_SECONDS:-60}" -max_len=65536 -timeout=20 \
    -rss_limit_mb=2048 -dict="$dictionary" -artifact_prefix="$work/" -print_final_stats=1 \
    "$work/corpus" "$seeds" >"$log" 2>&1; then
    grep -E 'number_of_executed_units|peak_rss_mb|new_units_added' "$log"
    exit 0
fi
tail -n 60 "$log"
for input in "$work"/crash-* "$work"/leak-* "$work"/timeout-* "$work"/oom-*; do
    [ -f "$input" ] || continue
    echo "input $(basename "$input"), base64:"
    base64 "$input" | head -n 40
done
exit 1
