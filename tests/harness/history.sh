#!/bin/bash
# history.sh SWITCHYARD PLOTS - `switchyard history` as its user meets it: what is added is found
# again, a change to the worse ends with 3 until somebody acknowledges it, the figure is the same
# bytes each time, and each mistake is one line. The values are made by a seeded generator.
set -u
switchyard=${1:?usage: history.sh SWITCHYARD PLOTS}
export SWITCHYARD_PLOTS=${2:?}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/harness/expect.sh
. "$(dirname "$(readlink -f "$0")")/expect.sh"
cd "$work" || exit 1

# results REVISION NS: a results file with one row
results() {
    cat <<TEXT
{"schema": "switchyard-results/1", "complete": true,
 "context": {"time": "2026-11-25T00:00:00Z", "revision": "$1", "kernel": "K",
             "cpu": {"model": "M", "count": 2}},
 "results": [{"workload": "w", "backend": "green", "procs": 1, "tune": null, "params": {"n": 7},
   "metric": "m", "unit": "ns", "status": "ok", "reason": null, "note": null, "median": $2,
   "ci95": [$2, $2], "min": $2, "max": $2, "p50": $2, "p90": $2, "p99": $2, "p999": $2,
   "trials": [{"trial": 0, "status": "ok", "reason": null, "note": null, "median": $2,
               "samples": [$2], "work": {}, "memory": null}],
   "histogram": null, "work": {"tasks": 1}, "counters": null, "rusage": null, "memory": null}]}
TEXT
}

RANDOM=7
for i in $(seq 30); do
    results "rev$i" "$((i > 18 ? 1060 : 1000)).$((RANDOM % 100))" >r.json
    "$switchyard" history add r.json >/dev/null || failures=$((failures + 1))
done
[ "$(wc -l <history.jsonl)" -eq 30 ] || {
    echo "30 additions made $(wc -l <history.jsonl) lines"
    failures=$((failures + 1))
}

expect 3 "rev19  w n=7 procs=1 m green: 1001 -> 1060 ns (+6.0 %)" history check
expect 3 '"worse": true' history check --json
echo 'rev19 w *: more is checked now' >ack
expect 0 "acknowledged: more is checked now" history check --acknowledged ack
expect 3 "1 changes, 1 of them to the worse" history check --only 'w *'

# The figure; without gnuplot only its data can be looked at.
if command -v gnuplot >/dev/null; then
    expect 0 "figures/has_it_become_slower.svg" history plot --acknowledged ack
    cp figures/has_it_become_slower.svg first.svg
    expect 0 "figures/has_it_become_slower.png" history plot --acknowledged ack
    cmp first.svg figures/has_it_become_slower.svg || failures=$((failures + 1))
    grep -q "changed by +6.0 % at revision rev19, to the worse" first.svg || {
        echo "the title does not name the change"
        failures=$((failures + 1))
    }
fi

expect 0 "Exit status: 0 fine" history --help
expect 2 "what shall be done? add, plot or check" history
expect 2 '"frob": add, plot or check' history frob
expect 2 "which results file or gate JSON" history add
expect 2 'bad argument "b.json"' history add a.json b.json
expect 2 "none.json" history add none.json
expect 2 "line 1 column" history add ack
expect 2 'has no metric that matches "x"' history check --only x
expect 2 "none.jsonl: No such file" history check --file none.jsonl
echo '{"schema": "switchyard-history/2"}' >later.jsonl
expect 2 "\"switchyard-history/2\": a newer switchyard wrote it" history check --file later.jsonl
expect 2 "\"switchyard-history/2\": a newer switchyard wrote it" \
    history add r.json --file later.jsonl
echo 'rev19 w' >bad
expect 2 "bad: line 1 column 7: NAME: REASON is missing" history check --acknowledged bad
[ "$failures" -eq 0 ]
