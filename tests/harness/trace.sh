#!/bin/sh
# trace.sh SWITCHYARD FAKE_GREEN FAKE_PTHREAD CHECK_TRACE TRACES - `switchyard trace` as a user runs
# it, with fake workers whose traces are the files of TRACES.
#
# Goal: one good file of Chrome trace events whatever a worker writes, or one clear line and none.
set -u

switchyard=$1
green=$2
pthread=$3
check=$4
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cp -r "$5" "$work/traces" || exit 1
cd "$work" || exit 1
failures=0
export SWITCHYARD_LOCK="$work/lock" FAKE_TRACES="$work/traces"

fail() {
    echo "FAIL: $*" >&2
    failures=$((failures + 1))
}

# expect STATUS LINES OPTION...: exit status of a trace with these options, and lines on stderr.
expect() {
    status=$1
    lines=$2
    shift 2
    "$switchyard" trace "$@" --green "$green" --pthread "$pthread" >out 2>err
    found=$?
    [ "$found" -eq "$status" ] || fail "$*: exit status $found instead of $status: $(cat err)"
    [ "$(wc -l <err)" -eq "$lines" ] || fail "$*: not $lines lines on stderr: $(cat err)"
}

says() {
    grep -q "$1" err || fail "does not say \"$1\": $(cat err)"
}

# Both back ends in one file; what is lost is told there and on stderr.
expect 0 1 good.steady --procs 1 -o t.json
says 'green: the 7 oldest events were overwritten'
"$check" t.json >counts || fail "not a good file"
[ "$(cat counts)" = "M=17 X=15 s=6 f=6 i=7 C=13" ] || fail "other events: $(cat counts)"
grep -q '"events_lost":7' t.json || fail "what is lost is not in the file"
expect 0 0 good.steady --procs 1 -b pthread
[ -f trace.json ] || fail "no trace.json without -o"

# Cut in rows and in parts: told in the file and on stderr, and still good.
expect 0 3 good.steady --procs 1 -o cut.json --rows 2 --parts 20
says 'pthread: 1 of 3 workers are left out'
says 'green: the last [0-9]* of 20 events are left out'
"$check" cut.json >counts || fail "the cut file is not good"
grep -q '"workers_left_out":1' cut.json || fail "the cut is not told in the file"

# The setting goes to green only.
expect 0 1 good.steady --procs 1 -o tuned.json --tune nosteal -p tasks=3
[ "$(grep -c '"tune":"nosteal"' tuned.json)" -eq 1 ] || fail "not one tuned back end"
grep -q '"tasks":3' tuned.json || fail "the parameter is lost"

# A trace that is cut or garbage: its line, the other back end's trace, status 1.
printf 'switchyard-trace/1 pthread\nworker 1\n5 start 1 0\n6 st' >traces/pthread.txt
expect 1 2 good.steady --procs 1 -o half.json
says 'pthread.txt: line 4: the trace is cut here'
"$check" half.json >counts || fail "the file with one back end is not good"
printf 'switchyard-trace/1 green\nworker 1\n5 start 1 0\n' >traces/pthread.txt
expect 1 1 good.steady --procs 1 -b pthread -o other.json
says 'the trace of pthread is of "green"'
[ -e other.json ] && fail "a file without a timeline stays"
rm traces/pthread.txt # the worker leaves an empty file
expect 1 1 good.steady --procs 1 -b pthread -o none.json
says 'line 1: the trace is empty'

# A worker that fails, a wrong command line, an output that cannot be.
expect 1 2 bad.segfault --procs 1 -o bad.json
says 'bad.segfault on green: signal: SIGSEGV'
[ -e bad.json ] && fail "a file of no trace stays"
expect 2 1
says 'which workload'
expect 2 1 nope
expect 2 1 'good.*' --procs 1
says 'one workload'
expect 2 1 good.steady good.slow
expect 2 1 good.steady --procs 1 -p tasks=1,2
expect 2 1 good.steady --procs 1,1
expect 2 1 good.steady --procs 9999
expect 2 1 good.steady --procs 0 # it would not say how many
expect 2 1 good.steady --tune 'no steal'
expect 2 1 good.steady --rows 0
expect 2 1 good.steady --procs 1 -o .
expect 2 1 good.steady --procs 1 -o no/such/t.json
[ -z "$(find . -name '*.tmp*')" ] || fail "a scratch file stays: $(find . -name '*.tmp*')"

[ "$failures" -eq 0 ]
