#!/bin/bash
# wrong.sh SWITCHYARD FAKE - `switchyard run --wrong`: every lesson once, from a fake worker (FAKE,
# fake_lesson.c) whose mistakes are known; what is saved when it is interrupted; and an output that
# cannot be written is found before anything is measured.
set -u
switchyard=${1:?usage: wrong.sh SWITCHYARD FAKE}
fake=${2:?}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export SWITCHYARD_LOCK=$work/lock
cp "$fake" "$work/green" && cp "$fake" "$work/pthread" || exit 1
failures=0
output=

fail() {
    echo "$1; it printed:"
    echo "$output"
    failures=$((failures + 1))
}

# wrong KIND FILE: runs it, with two processes each; its status is that of the program
wrong() {
    output=$("$switchyard" run --wrong "$1" --trials 2 --out "$2" --green "$work/green" \
        --pthread "$work/pthread" 2>&1)
}

wrong all "$work/wrong.json" || fail "all lessons: status $?"
for kind in unpinned cold mean rss a-then-b; do
    [[ $output == *"$kind. "* ]] || fail "no lesson $kind"
    [ "$(grep -c "\"kind\": \"$kind\"" "$work/wrong.json")" -eq 1 ] ||
        fail "$kind is not in the file"
done
[ "$(grep -c ', 2 processes each' <<<"$output")" -eq 5 ] || fail "not five lessons of two processes"
[[ $output != *"not measured"* ]] || fail "a lesson was not measured"
# What the fake does wrong is what is told: 5 times for the cold epoch, a tenth for the memory; a
# mean of (99 * 10 + 10000) / 100 = 109.9 ns is 11 times the median; A is B.
for text in "green threads at 5.00× of what they cost" "OS threads at 5.00×" \
    "green threads at 11.0× of what" "green threads at 0.100× of what they cost"; do
    [[ $output == *"$text"* ]] || fail "no \"$text\""
done
[[ $output == *"did no harm"* ]] || fail "two equal sides differ"

# A lesson that was made is saved, whatever becomes of the later ones.
FAKE_LESSON_HANGS=memory.park "$switchyard" run --wrong all --trials 2 --out "$work/part.json" \
    --green "$work/green" --pthread "$work/pthread" >"$work/out" 2>&1 &
program=$!
for _ in $(seq 300); do
    grep -qs '"kind": "mean"' "$work/part.json" && break
    sleep 0.1
done
kill -TERM "$program" # a shell starts it with SIGINT ignored
wait "$program"
status=$?
output=$(cat "$work/out")
[ "$status" -eq 130 ] || fail "interrupted: status $status, wanted 130"
[ "$(grep -cs '"kind": ' "$work/part.json")" = 3 ] || fail "not the three lessons that were made"

# Before the first process, of which there would be a word.
wrong cold "$work/none/wrong.json"
status=$?
[ "$status" -eq 2 ] || fail "no such folder: status $status, wanted 2"
[[ $output == *"$work/none/wrong.json: No such file"* && $output != *processes* ]] ||
    fail "no such folder: not one line before measuring"
# A disk that is full (a limit of 0 KiB a file plays it): told, and the lesson is shown at least.
output=$(
    ulimit -f 0
    "$switchyard" run --wrong cold --trials 2 --out "$work/full.json" --green "$work/green" \
        --pthread "$work/pthread" 2>&1
)
status=$?
[ "$status" -eq 1 ] || fail "a full disk: status $status, wanted 1"
[[ $output == *"$work/full.json: File too large"* && $output == *"at 5.00× of what"* ]] ||
    fail "a full disk: not told, or no lesson"
[ "$failures" -eq 0 ]
