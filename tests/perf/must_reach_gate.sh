#!/bin/bash
# must_reach_gate.sh BIN [ROUNDS]: what `switchyard gate` must reach, measured now. BIN is the
# folder of the release build's programs. A table; it asserts nothing. On a quiet machine with 2
# CPUs it takes about 6 minutes with 10 rounds, and as long again for the last line (sensitivity).
set -euo pipefail
bin=${1:?usage: must_reach_gate.sh BIN [ROUNDS]}
rounds=${2:-10}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# found LAYER: in how many rounds the injected 5 % were found in switch.yield, and the longest round
found() {
    local count=0 longest=0 start status
    for round in $(seq "$rounds"); do
        start=$SECONDS
        status=0
        "$bin/switchyard" gate --base "$bin" --inject 5% --only switch.yield --layer "$1" \
            --budget 300 >"$work/$1.$round.txt" || status=$?
        [ "$status" -ne 3 ] || count=$((count + 1))
        [ $((SECONDS - start)) -le "$longest" ] || longest=$((SECONDS - start))
    done
    echo "$count of $rounds, the longest in $longest s"
}

# The largest relative difference of the instructions of the same build, counted twice.
difference() {
    "$bin/switchyard" gate --base "$bin" --head "$bin" --layer exact --json |
        grep -o '"instructions": [0-9][0-9.]*' | cut -d' ' -f2 |
        awk 'NR % 2 == 1 {base = $1} NR % 2 == 0 {d = $1 / base - 1; d = d < 0 ? -d : d
            most = d > most ? d : most} END {printf "%.4f %%", 100 * most}'
}

# Gate runs of the build against itself: how many found a difference, and how many nothing at all
same() {
    local regressed=0 inconclusive=0 status
    for _ in $(seq "$rounds"); do
        status=0
        "$bin/switchyard" gate --base "$bin" --head "$bin" --layer time --budget 60 \
            >>"$work/same.txt" || status=$?
        [ "$status" -ne 3 ] || regressed=$((regressed + 1))
        [ "$status" -ne 4 ] || inconclusive=$((inconclusive + 1))
    done
    echo "$regressed of $rounds regressed, $inconclusive inconclusive," \
        "$(grep -c ' improved' "$work/same.txt" || true) metrics improved"
}

echo "| figure | measured | must be |"
echo "|---|---|---|"
echo "| 5 % slower switch.yield, by counts | $(found exact) | always |"
echo "| 5 % slower switch.yield, by pairs | $(found time) | 9 of 10, within 300 s |"
echo "| instructions of the same build, twice | $(difference) | at most 0.01 % |"
echo "| the same build twice, by pairs | $(same) | at most 5 % |"
echo
"$bin/switchyard" sensitivity --base "$bin" || true
