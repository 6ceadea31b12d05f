#!/bin/bash
# gate.sh SWITCHYARD FAKE SLOWED - `switchyard gate` and `sensitivity` as their user meets them:
# exit statuses, one clear line for each mistake, and what is found. Times come from a fake worker
# (FAKE, fake_gate.c), so no verdict depends on the machine; counts also from the real workers
# beside SWITCHYARD and the slowed one in the folder SLOWED. Exit status 77: valgrind is missing,
# and only what needs it was left out.
set -u
switchyard=${1:?usage: gate.sh SWITCHYARD FAKE SLOWED}
fake=${2:?}
slowed=${3:?}
bin=$(dirname "$switchyard")
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
export SWITCHYARD_LOCK=$folder/lock
# shellcheck source=tests/harness/expect.sh
. "$(dirname "$(readlink -f "$0")")/expect.sh"

# mistake TEXT ARGUMENT...: exit status 2 and one line with the text
mistake() {
    expect 2 "$@"
    if [ "$(wc -l <<<"$output")" -ne 1 ]; then
        echo "switchyard ${*:2}: more than one line"
        failures=$((failures + 1))
    fi
}

mkdir -p "$folder"/{fast,slow,other,old,empty}
for name in fast slow other old; do
    cp "$fake" "$folder/$name/switchyard-green"
done
fast=$folder/fast
slow=$folder/slow

expect 0 "Exit status: 0 nothing regressed" gate --help
expect 0 "the smallest slow-down" sensitivity --help
mistake "which builds? --base DIR --head DIR" gate
mistake "which build? --head DIR" gate --base "$fast"
mistake "there is no switchyard-green" gate --base "$folder/empty" --head "$fast"
mistake "--head $folder/none: there is no switchyard-green" gate --base "$fast" \
    --head "$folder/none"
mistake "--inject excludes --head" gate --base "$fast" --head "$fast" --inject 5%
mistake "--inject five: a percentage from 0.1 to 1000" gate --base "$fast" --inject five
mistake "there is no switchyard-green-delayed" gate --base "$fast" --inject 5%
mistake "bad --layer \"some\"" gate --base "$fast" --head "$fast" --layer some
mistake "--budget 0 is not a number in 1" gate --base "$fast" --head "$fast" --budget 0
mistake "--update needs --baseline FILE" gate --base "$fast" --head "$fast" --update
mistake "--baseline excludes --base" gate --baseline b --base "$fast" --head "$fast"
mistake "--baseline is of all workloads: it excludes --only" gate --baseline b --head "$fast" \
    --only switch.yield
mistake "--baseline has only counts" gate --baseline b --head "$fast" --layer time
mistake "no workload of the gate matches \"nope\"" gate --base "$fast" --head "$fast" --only nope
for layer in exact time both; do # nothing was compared: that is no success
    mistake "nothing to compare: no workload of the gate matches \"switch.yeild\"" gate \
        --base "$fast" --head "$slow" --layer "$layer" --only switch.yeild
    mistake "nothing to compare: no workload of the gate is in both builds" gate \
        --base "$folder/other" --head "$fast" --layer "$layer"
done
mistake "nothing to compare: no workload of the gate is in the build" gate --update \
    --baseline "$folder/b.json" --head "$folder/other"
mistake "bad argument \"extra\"" gate --base "$fast" --head "$fast" extra
mistake "No such file" gate --base "$fast" --head "$fast" --layer time --history "$folder/none"
# What cannot be read or written is found before anything is measured: with an empty folder, or
# with a worker that can only be asked for its list.
mkdir "$folder/broken"
cat >"$folder/broken/switchyard-green" <<END
#!/bin/sh
[ "\$1" = --list ] && exec "$fast/switchyard-green" --list
exit 1
END
chmod +x "$folder/broken/switchyard-green"
mistake "$folder/none: No such file" gate --base "$folder/broken" --head "$fast" \
    --history "$folder/none"
mistake "$folder/none/g.json: No such file" gate --base "$folder/empty" --head "$fast" \
    --out "$folder/none/g.json"
mistake "$folder: is not a regular file" gate --base "$folder/empty" --head "$fast" \
    --out "$folder"
mistake "$folder/none/b.json: No such file" gate --baseline "$folder/none/b.json" --update \
    --head "$folder/empty"
mistake "which build? --base DIR" sensitivity
mistake "there is no switchyard-green-delayed" sensitivity --base "$fast"

# Times: the same twice, slower, faster; the machine-readable form; a budget that is too small.
expect 0 "nothing regressed" gate --base "$fast" --head "$fast" --layer time --seed 1
expect 3 "regressed: switch.yield time" gate --base "$fast" --head "$slow" --layer time --seed 2 \
    --out "$folder/gate.json"
expect 0 "improved" gate --base "$slow" --head "$fast" --layer time --seed 3
# Half of the turns 20 % slower, half not at all: 10 % is in any interval of theirs.
export FAKE_GATE_WAVERS=$folder/turns FAKE_GATE_FACTOR=1.2
expect 4 "inconclusive: switch.yield time" gate --base "$fast" --head "$slow" --layer time \
    --threshold 10% --seed 4 --budget 3
expect 4 '"exit_status": 4' gate --base "$fast" --head "$slow" --layer time --seed 5 --json \
    --threshold 10 --budget 3
unset FAKE_GATE_WAVERS FAKE_GATE_FACTOR
grep -q '"schema": "switchyard-gate/1"' "$folder/gate.json" || {
    echo "no gate JSON in the file of --out"
    failures=$((failures + 1))
}

# A disk that fills up meanwhile (a limit of 1 KiB a file plays it) hides no regression.
output=$(
    trap '' XFSZ
    ulimit -f 1
    "$switchyard" gate --base "$fast" --head "$slow" --layer time --seed 2 --out "$folder/full" 2>&1
)
status=$?
if [ "$status" -ne 3 ] || [[ $output != *"regressed: switch.yield time"* ]] ||
    [[ $output != *"$folder/full: File too large"* ]]; then
    echo "a full disk: status $status, wanted 3 and both messages; it printed:"
    echo "$output"
    failures=$((failures + 1))
fi

# Without valgrind nothing is counted, and no verdict is given.
output=$(
    PATH=$folder/empty "$switchyard" gate --base "$fast" --head "$slow" --layer exact --json 2>&1
)
status=$?
if [ "$status" -ne 77 ] || [[ $output != *'"exact": []'*"valgrind is not installed"* ]]; then
    echo "without valgrind: status $status, wanted 77 and no counts; it printed:"
    echo "$output"
    failures=$((failures + 1))
fi

# System calls without valgrind.
expect 0 "system calls: " syscalls /bin/true
expect 1 "/nonexistent: No such file" syscalls /nonexistent
expect 2 "which program?" syscalls

finish() {
    [ "$failures" -eq 0 ] || exit 1
    exit "$1"
}

command -v valgrind >/dev/null || {
    echo "valgrind is missing: counts are not tested"
    finish 77
}

# Counts: the same build twice gives the same to 0.01 %; the fake that works 10 % longer, the slowed
# yield and the injected delay are found.
expect 0 '"exit_status": 0' gate --base "$bin" --head "$bin" --layer exact --json \
    --only switch.yield
counts=$(grep -o '"instructions": [0-9][0-9.]*' <<<"$output" | cut -d' ' -f2)
awk 'NR == 1 {a = $1} NR == 2 {b = $1} END {exit !(NR == 2 && a > 0 && (a / b - 1) ^ 2 < 1e-8)}' \
    <<<"$counts" || {
    echo "the same build's instructions differ by more than 0.01 %: $counts"
    failures=$((failures + 1))
}
expect 3 "regressed: switch.yield instructions" gate --base "$fast" --head "$slow" --layer exact
expect 3 "regressed: switch.yield instructions" gate --base "$bin" --head "$slowed" --layer exact \
    --only switch.yield
expect 3 "regressed: switch.yield instructions" gate --base "$bin" --inject 5% --layer exact \
    --only switch.yield
# A base that is older than a word with which counts are taken is compared without it; a file is
# not, as all its counts were taken with it.
expect 0 "base does not know nogiveback: " gate --base "$folder/old" --head "$fast" --layer exact
expect 3 '"base": "nogiveback"' gate --base "$folder/old" --head "$slow" --layer exact --json
expect 77 "skipped: head does not know nogiveback" gate --baseline "$folder/none.json" --update \
    --head "$folder/old"

# The baseline file: written, compared with, counted with other tools, broken, of a later version.
baseline=$folder/baseline.json
expect 0 "written" gate --baseline "$baseline" --update --head "$fast"
expect 0 '"exit_status": 0' gate --baseline "$baseline" --update --head "$fast" --json
[[ $output != *written* && $output == "{"*"}" ]] || {
    echo "--update --json printed something else than JSON: $output"
    failures=$((failures + 1))
}
expect 0 "nothing regressed" gate --baseline "$baseline" --head "$fast"
expect 3 "regressed: switch.yield instructions" gate --baseline "$baseline" --head "$slow"
sed 's/"compiler": "/&other /' "$baseline" >"$folder/other.json"
expect 77 "SKIPPED: $folder/other.json was counted with compiler" gate --head "$fast" \
    --baseline "$folder/other.json"
sed 's/"counts": \[/"counts": [,/' "$baseline" >"$folder/broken.json"
mistake "broken.json: line 2 column " gate --baseline "$folder/broken.json" --head "$fast"
sed 's,switchyard-exact/1,switchyard-exact/2,' "$baseline" >"$folder/later.json"
mistake "\"switchyard-exact/2\": a newer switchyard wrote it" gate --head "$fast" \
    --baseline "$folder/later.json"
mistake "baseline.json has no switch.chan: --update writes it anew" gate --baseline "$baseline" \
    --head "$bin"
mistake "No such file" gate --baseline "$folder/none.json" --head "$fast"
finish 0
