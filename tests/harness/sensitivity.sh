#!/bin/bash
# sensitivity.sh SWITCHYARD FAKE - the search of `switchyard sensitivity`, and `gate --history`,
# with a fake worker (FAKE, fake_gate.c) whose times do not depend on the machine.
set -u
switchyard=${1:?usage: sensitivity.sh SWITCHYARD FAKE}
fake=${2:?}
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
export SWITCHYARD_LOCK=$folder/lock
mkdir "$folder/fast" "$folder/slow"
cp "$fake" "$folder/fast/switchyard-green"
cp "$fake" "$folder/slow/switchyard-green"
cp "$fake" "$folder/switchyard-green-delayed"
# shellcheck source=tests/harness/expect.sh
. "$(dirname "$(readlink -f "$0")")/expect.sh"

# The first size is found 9 or 10 times of 10 (the real reference loop may cast doubt on one run),
# the second never: two misses end its search.
export FAKE_GATE_FIRST=$folder/first
expect 0 "minimum detectable effect: 10.0 % (found at least 9 of 10 times)" sensitivity \
    --base "$folder" --seed 1
rows=$(awk '$2 == "%" {print $1, $NF}' <<<"$output")
[[ $rows =~ ^10\.0\ (9|10)/10$'\n'7\.0\ 0/2$ ]] || {
    echo "other rows than 10 of 10 and 0 of 2: $output"
    failures=$((failures + 1))
}

# No size is found.
unset FAKE_GATE_FIRST
expect 4 "no effect up to 10 % was found 9 of 10 times" sensitivity --base "$folder" --seed 2
expect 4 '"smallest": null' sensitivity --base "$folder" --seed 3 --json
[[ $output == "{"*'"schema": "switchyard-sensitivity/1"'*'"found": 0'*'"rounds": 2'*"}" ]] || {
    echo "other JSON: $output"
    failures=$((failures + 1))
}

# A history of eight A/A runs that differed by 7 to 8 % widens the threshold to more than the 10 %
# that head is slower; the same history of another machine does not.
expect 3 "regressed: switch.yield time" gate --base "$folder/fast" --head "$folder/slow" \
    --layer time --seed 4 --out "$folder/gate.json"
"$switchyard" history add "$folder/gate.json" --file "$folder/one.jsonl" >/dev/null || exit 1
grep -q '"name":"switch.yield A/A"' "$folder/one.jsonl" || {
    echo "no A/A run in the history: $(cat "$folder/one.jsonl")"
    exit 1
}
value_of='"name":"switch.yield A\/A","unit":"[^"]*","value":'
for value in 0.07 -0.08 0.07 0.08 -0.07 0.08 0.07 -0.08; do
    sed -E "s/($value_of)[^,]*/\1$value/" "$folder/one.jsonl"
done >"$folder/history.jsonl"
sed -E 's/"machine":"[0-9a-f]*"/"machine":"0000000000000000"/' "$folder/history.jsonl" \
    >"$folder/other.jsonl"
expect 0 "nothing regressed" gate --base "$folder/fast" --head "$folder/slow" --layer time \
    --seed 5 --history "$folder/history.jsonl"
[[ $output =~ \ 1[0-9]\.[0-9]\ %\ \ same ]] || {
    echo "the threshold is not widened: $output"
    failures=$((failures + 1))
}
expect 3 "regressed: switch.yield time" gate --base "$folder/fast" --head "$folder/slow" \
    --layer time --seed 6 --history "$folder/other.jsonl"
[ "$failures" -eq 0 ]
