#!/bin/bash
# export_formats.sh SWITCHYARD - `switchyard export` and `switchyard compare` as a user runs them.
#
# Goal: each format is accepted by the tool that reads it where that is installed (compare.py of
# google-benchmark, benchstat), else it has the members that its documentation asks for, by jq.
# Method: one file with times, a rate, a failed row, a skipped one, and names that need quoting.
set -u

switchyard=$1
compare_py=/usr/share/benchmark/compare.py
[ -x /usr/bin/python3 ] && command -v jq >/dev/null || exit 77
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0

fail() {
    echo "FAIL: $*" >&2
    failures=$((failures + 1))
}

# results FACTOR: a file whose times are FACTOR times those of factor 1.
results() {
    jq -n --argjson factor "$1" '
    def trials(v): [range(6) | {trial: ., status: "ok", reason: null, note: null,
        median: (v * (0.999 + . * 0.0004)), samples: [1, 2], work: {}, memory: null}];
    def row(name; metric; unit; v): {workload: name, backend: "green", procs: 2, tune: "a b",
        params: {n: 7, long_name: 1}, metric: metric, unit: unit, status: "ok", reason: null,
        note: null, median: v, ci95: [v * 0.999, v * 1.001], min: v, max: v, p50: v, p90: v,
        p99: v, p999: v, trials: trials(v), histogram: null, work: {tasks: 1}};
    def bad(status; reason): row("bad"; "time"; "ns"; 1) + {status: status, reason: reason,
        median: null, ci95: null, min: null, max: null, p50: null, p90: null, p99: null,
        p999: null, trials: [], work: null, backend: status};
    {schema: "switchyard-results/1", complete: true,
     context: {time: "2026-01-01T00:00:00Z", cpu: {model: "M", count: 2}, kernel: "K"},
     results: [row("w.one"; "time"; "ns"; 40 * $factor), row("w.one"; "total"; "ms"; 3 * $factor),
               row("w.two"; "rate"; "items/s"; 1000 / $factor), row("w.two"; "rss"; "B"; 4096),
               row("w.two"; "quo\"te|d"; "1"; 2), bad("timeout"; "slow, \"too\"\nslow"),
               bad("skipped"; "no")]}'
}

# export_as FORMAT [OPTION...]: into the file FORMAT, the notes into notes.
export_as() {
    "$switchyard" export --format "$@" base.json >"$1" 2>notes || fail "$*: $(cat notes)"
}

# holds FILE FILTER: the jq filter answers true.
holds() {
    jq -e "$2" "$1" >/dev/null || fail "$1: not so: $2: $(head -c 600 "$1")"
}

results 1 >base.json
results 1.1 >slow.json
time_name='w.one/time/backend=green/n=7/long_name=1/tune=a_b/procs=2'

# gbench: repetitions, aggregates, times only; compare.py reads it.
export_as gbench
holds gbench '.context | has("date") and .num_cpus == 2'
holds gbench '.benchmarks | length == 18'
holds gbench 'all(.benchmarks[]; (.name|type == "string") and (.run_name|type == "string")
    and .repetitions == 6 and .threads == 2 and .iterations > 0 and .real_time > 0
    and .cpu_time == .real_time and (.time_unit == "ns" or .time_unit == "ms"))'
holds gbench '[.benchmarks[] | select(.run_type == "iteration") | .repetition_index]
    == ([range(6)] + [range(6)])'
holds gbench '[.benchmarks[] | select(.run_type == "aggregate") | .aggregate_name]
    == ["mean", "median", "stddev", "mean", "median", "stddev"]'
grep -q 'bad/time/backend=timeout.*: timeout: slow' notes || fail "the failure is not told"
grep -q 'w.two/rss.*no time' notes || fail "the metric left out is not told"
[ "$(wc -l <notes)" -eq 5 ] || fail "not one line for each row left out: $(cat notes)"
if [ -f "$compare_py" ] && /usr/bin/python3 -c 'import scipy' 2>/dev/null; then
    "$switchyard" export -f gbench slow.json >gbench_slow 2>/dev/null
    /usr/bin/python3 "$compare_py" --no-color benchmarks gbench gbench_slow >seen 2>&1 ||
        fail "compare.py: $(cat seen)"
    [ "$(grep -c "^$time_name .*+0.10" seen)" -ge 6 ] || fail "compare.py saw else: $(cat seen)"
else
    echo "compare.py or scipy is not installed: only the layout is tested"
fi

# github: the two directions are two files. The action's type BenchmarkResult: name, value and unit
# must be there, range and extra may; it knows no other member, finds what to compare with by the
# name, and refuses a file without any result.
benchmark_result='type == "array" and length > 0 and all(.[]; type == "object"
    and (.name|type == "string" and length > 0) and (.unit|type == "string" and length > 0)
    and (.value|type == "number" and . < infinite and . > -infinite)
    and (.range|type == "string") and (.extra|type == "string")
    and (keys - ["name", "value", "unit", "range", "extra"] | length == 0))
    and ([.[].name] | length == (unique | length))'
export_as github
holds github "$benchmark_result"
holds github 'length == 4 and [.[].value] == [40, 3, 4096, 2]'
holds github '[.[].unit] == ["ns", "ms", "B", "1"]'
holds github '.[0].range == "[39.96, 40.04]" and (.[0].extra | contains("6 processes"))'
holds github 'all(.[]; .unit != "items/s")'
grep -q '1 rows of which more is better' notes || fail "the other direction is not told"
export_as github --bigger
holds github "$benchmark_result"
holds github 'length == 1 and .[0].unit == "items/s" and .[0].value == 1000'

# bmf: times in ns, whatever they were measured in. Bencher's schema (bmf.json): an object of
# objects, whose members hold a number `value`, and numbers `lower_value` and `upper_value` if any;
# names have up to 1,024 characters, measures up to 64, and ours are slugs, which stay as they are.
metric_format='type == "object" and length > 0
    and (keys | all(.[]; length > 0 and length <= 1024))
    and all(.[]; type == "object" and length > 0
        and (keys | all(.[]; test("^[a-z0-9]+(-[a-z0-9]+)*$") and length <= 64))
        and all(.[]; type == "object" and (.value | type == "number")
            and (.lower_value | type == "number") and (.upper_value | type == "number")
            and (keys - ["value", "lower_value", "upper_value"] | length == 0)))'
export_as bmf
holds bmf "$metric_format"
holds bmf "length == 5 and .[\"$time_name\"].latency.value == 40"
holds bmf 'all(.[][]; .lower_value <= .value and .value <= .upper_value)'
holds bmf '[.[] | .latency.value | select(. != null)] == [40, 3000000]'
holds bmf '[.[] | keys[]] | sort == ["bytes", "count", "latency", "latency", "throughput"]'

# gobench: one line a trial; benchstat reads it.
export_as gobench
[ "$(grep -cE '^Benchmark[A-Z][^ ]* [1-9][0-9]* [0-9.e+-]+ [^ ]+$' gobench)" -eq 30 ] ||
    fail "not 30 good lines: $(cat gobench)"
[ "$(grep -c '^Unit items/s better=higher$' gobench)" -eq 1 ] || fail "no direction: $(cat gobench)"
grep -q '^BenchmarkW.one/total/.* 2997000 ns/op$' gobench || fail "not in ns/op: $(cat gobench)"
if command -v benchstat >/dev/null; then
    benchstat gobench >seen 2>&1 || fail "benchstat: $(cat seen)"
    grep -q 'W.one/time' seen || fail "benchstat saw else: $(cat seen)"
else
    echo "benchstat is not installed: only the layout is tested"
fi

# What the Go world's own parser of benchmarks reads, where its package is installed.
go_parser=/usr/share/gocode/src/golang.org/x/tools/benchmark/parse
if command -v go >/dev/null && [ -d "$go_parser" ]; then
    mkdir -p gobench_reader
    cat >gobench_reader/main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"golang.org/x/tools/benchmark/parse"
)

func main() {
	set, err := parse.ParseSet(os.Stdin)
	if err != nil {
		panic(err)
	}
	lines, times := 0, 0
	for _, benchmarks := range set {
		for _, b := range benchmarks {
			lines++
			if b.Measured&parse.NsPerOp != 0 && b.NsPerOp > 0 && b.N > 0 {
				times++
			}
		}
	}
	fmt.Println(len(set), lines, times)
}
GO
    seen=$(GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="$work/cache" GOFLAGS='' \
        go run gobench_reader/main.go <gobench 2>&1)
    [ "$seen" = '5 30 12' ] || fail "Go's parser saw \"$seen\", not 5 names, 30 lines, 12 times"
else
    echo "Go or its parser is not installed: gobench is tested by its layout"
fi

# csv: quoted as it must be, failed rows with empty numbers.
export_as csv
[ "$(grep -c $'\r$' csv)" -eq 8 ] || fail "not 8 records that end in CR LF"
/usr/bin/python3 - <<'PYTHON' || fail "csv is not as Python's csv reads it: $(cat csv)"
import csv
rows = list(csv.DictReader(open("csv", newline=""), strict=True))
assert len(rows) == 7 and all(len(row) == 19 and None not in row for row in rows)
assert float(rows[0]["median"]) == 40 and rows[0]["params"] == "n=7;long_name=1"
assert rows[4]["metric"] == 'quo"te|d'
assert rows[5]["status"] == "timeout" and rows[5]["median"] == ""
assert rows[5]["reason"] == 'slow, "too"\nslow'
PYTHON

# markdown: as many cells in each line, whatever the names hold; failures in words.
export_as markdown
[ "$(wc -l <markdown)" -eq 9 ] || fail "not 9 lines: $(cat markdown)"
[ "$(sed 's/\\|//g' markdown | tr -cd '|\n' | sort -u)" = '|||||||' ] ||
    fail "not 6 cells in each line: $(cat markdown)"
grep -q 'timeout: slow' markdown || fail "the failure is not shown"

if command -v cmark-gfm >/dev/null; then
    cmark-gfm -e table markdown >seen || fail "cmark-gfm refuses the table"
    [ "$(grep -c '<tr>' seen)" -eq 8 ] || fail "not a head and 7 rows: $(cat seen)"
    [ "$(grep -c '<td' seen)" -eq 42 ] || fail "not 6 cells in each row: $(cat seen)"
    grep -q '^<td>quo.te|d</td>' seen || fail "the name is not as it was: $(cat seen)"
else
    echo "cmark-gfm is not installed: markdown is tested by its layout"
fi

# hyperfine: seconds, with its members.
export_as hyperfine
holds hyperfine '.results | length == 2'
holds hyperfine 'all(.results[]; ([.mean, .stddev, .median, .min, .max] | all(type == "number"))
    and (.times | length == 6) and .exit_codes == [0, 0, 0, 0, 0, 0] and .min == (.times | min)
    and has("user") and has("system") and .command != "")'
holds hyperfine '.results[0].median == 4e-8 and .results[1].median == 0.003'

# The same members, of the same types, as hyperfine itself writes.
if command -v hyperfine >/dev/null; then
    types='([.results[0] | to_entries[] | select(.key != "user" and .key != "system" and
        .key != "memory_usage_byte") | "\(.key) \(.value | type)"] | sort),
        (.results[0].parameters.n | type)'
    hyperfine --runs 2 --style none --export-json real -L n 7 "true {n}" >/dev/null 2>&1 ||
        fail "hyperfine"
    seen=$(jq -c "$types" real) || fail "jq"
    [ "$seen" = "$(jq -c "$types" hyperfine)" ] ||
        fail "hyperfine writes $seen, we $(jq -c "$types" hyperfine)"
else
    echo "hyperfine is not installed: its format is tested by the documented members"
fi

# Where it goes to, and wrong usage.
"$switchyard" export -f csv base.json -o out.csv 2>/dev/null || fail "-o"
cmp -s csv out.csv || fail "-o writes something else"
[ -z "$(find . -name '*.tmp*')" ] || fail "a scratch file stays"
for arguments in '-f nope base.json' 'base.json' '-f csv' '-f csv none.json' \
    '-f csv --bigger base.json' '-f csv base.json -o .'; do
    # shellcheck disable=SC2086 # several words
    "$switchyard" export $arguments >/dev/null 2>notes
    [ $? -eq 2 ] || fail "$arguments: not status 2: $(cat notes)"
done
if [ -w /dev/full ]; then
    "$switchyard" export -f csv base.json >/dev/full 2>/dev/null
    [ $? -eq 1 ] || fail "a full disk is not told"
fi

# compared STATUS TEXT ARGUMENT...: exit status of a comparison, and what its output says.
compared() {
    status=$1
    text=$2
    shift 2
    "$switchyard" compare "$@" >seen 2>&1
    found=$?
    [ "$found" -eq "$status" ] || fail "compare $*: $found instead of $status: $(cat seen)"
    grep -q -e "$text" seen || fail "compare $*: does not say \"$text\": $(cat seen)"
}

compared 0 '7 rows: 5 same, 1 failed, 1 skipped' base.json base.json
compared 3 'w.one time.*1.100 \[1.09[0-9], 1.10[0-9]\] *regressed' base.json slow.json
compared 0 '3 improved' slow.json base.json
compared 0 'beyond 15 % counts' -t 15% base.json slow.json
compared 0 '1 rows: 1 same' --only w.two/rss base.json slow.json
compared 3 '"verdict": "regressed"' --json base.json slow.json
holds seen '.exit_status == 3 and (.rows | length == 7) and .rows[5].ratio == null'
holds seen '[.rows[] | select(.verdict == "regressed") | .metric] == ["time", "total", "rate"]'
jq '.complete = false' base.json >other.json
compared 2 'did not finish' base.json other.json
compared 0 'same' --incomplete base.json other.json
jq '.context.kernel = "L"' base.json >other.json
compared 2 'kernel ("K", "L")' base.json other.json
compared 0 'same' --across-machines base.json other.json
jq '.schema = "switchyard-results/2"' base.json >other.json
compared 2 'but "switchyard-results/2"' base.json other.json
jq '.results[0].work.tasks = 2' base.json >other.json
compared 4 'refused: the work differs' base.json other.json
jq '.results |= .[1:]' base.json >other.json
compared 0 'only in base: w.one time' base.json other.json
jq '.results = []' base.json >other.json
compared 2 'no row in common' base.json other.json
compared 2 'which two' base.json
compared 2 'percentage' -t x base.json base.json

[ "$failures" -eq 0 ]
