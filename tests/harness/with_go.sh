#!/bin/bash
# with_go.sh SWITCHYARD - Go's own benchmarks beside ours: `run --with-go`, without a go command and
# with one, and the export that benchstat reads. Exit status 77: there is no go command here.
set -u
[ $# -eq 1 ] || { echo "usage: with_go.sh SWITCHYARD" >&2; exit 2; }
switchyard=$(readlink -f "$1")
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
export SWITCHYARD_LOCK=$folder/lock

fail() {
    echo "$*"
    exit 1
}

run() {
    "$switchyard" run --with-go --trials 2 --epochs 2 --seed 1 --out "$folder/$1.json" "${@:2}" \
        >"$1" 2>"$1.errors" || fail "run $1: $(cat "$1" "$1.errors")"
}

# Without one, the column says so, and everything else is measured.
mkdir empty
PATH=$folder/empty run without --workload go.ChanSem,chan.buffered --param n=100 --param items=100
grep -q 'pthread / green *go *go / green' without || fail "no column: $(cat without)"
grep -q '^go.ChanSem .* no go' without || fail "the column does not say so: $(cat without)"
grep -q '^chan.buffered .*no go' without && fail "it says so of others: $(cat without)"
grep -q "^nothing of Go's: no go command$" without || fail "no reason: $(cat without)"

# A run that does not ask has no such column.
"$switchyard" run --workload chan.buffered --param items=100 --trials 1 --out plain.json \
    >plain 2>&1 || fail "$(cat plain)"
grep -q 'go / green' plain && fail "a column of Go's without --with-go: $(cat plain)"

# The experiments have none of them.
"$switchyard" run --quick --with-go --dry-run >refused 2>&1 &&
    fail "an experiment with Go: $(cat refused)"
grep -q "with-go needs --workload 'go" refused || fail "no reason: $(cat refused)"

command -v go >/dev/null || { echo "no go command: the rest is skipped"; exit 77; }

# With one, all three do equal work in every benchmark: else there is no ratio.
run all --workload 'go.*' --param n=10 --param parallel=2 --procs 1,2
benchmarks=$("$switchyard" list | grep -c '^go\.')
lines=$(grep -c '^go\.' all)
ratios=$(awk '/^go\./ && $NF ~ /\]$/' all | wc -l)
[ "$benchmarks" -ge 13 ] || fail "only $benchmarks benchmarks are listed"
[ "$lines" -eq $((2 * benchmarks)) ] || fail "$lines lines for $benchmarks benchmarks: $(cat all)"
[ "$ratios" -eq "$lines" ] || fail "$ratios ratios in $lines lines: $(cat all)"
grep -q 'work differs' all && fail "$(cat all)"

# A pattern that Go has nothing of is no mistake.
run some --workload 'go.ChanSem,chan.buffered' --param items=100
grep -q '^chan.buffered' some || fail "$(cat some)"

# The names of `go test -bench`, once for each back end, process and number of procs.
"$switchyard" export -f gobench all.json -o ours || fail "export failed"
for backend in green pthread go; do
    count=$(awk -v wanted="backend: $backend" '/^backend: / {on = $0 == wanted}
        on && /^BenchmarkChanSem(-2)? 2 [0-9.e+]+ ns\/op$/' ours | wc -l)
    [ "$count" -eq 4 ] || fail "$count lines of ChanSem on $backend: $(cat ours)"
done

# The Go sources also run as benchmarks of their own, under the same names.
source=$(dirname "$0")/../../workloads/go
(cd "$source" && go vet ./... && go test -run NONE -bench . -benchtime 10x -cpu 2) >theirs 2>&1 ||
    fail "go test: $(cat theirs)"
grep -oE '^Benchmark[A-Za-z0-9]+-2' theirs | sort -u >their_names
awk '/^Benchmark.*-2 / {print $1}' ours | sort -u | diff - their_names ||
    fail "the names are not those of go test"
echo "$benchmarks benchmarks"
