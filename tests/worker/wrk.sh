#!/bin/bash
# wrk.sh WORKER - io.http under a load generator that is not ours: wrk, 100 connections for 1 s.
# wrk must see no error, and the worker must have answered at least what wrk has counted.
# Exit status 77: wrk is missing.
set -u
command -v wrk >/dev/null || exit 77
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT

fail() {
    echo "$*"
    cat "$scratch"/*
    exit 1
}

"$1" --workload io.http --param serve=3 >"$scratch/trial" 2>"$scratch/address" &
worker=$!
until grep -q '^http' "$scratch/address"; do
    kill -0 $worker 2>/dev/null || fail "the worker has ended"
done
address=$(cut -d' ' -f1 "$scratch/address")
wrk -t1 -c100 -d1 "$address" >"$scratch/wrk" 2>&1 || fail "wrk failed"
wait $worker || fail "the worker failed"

counted=$(awk '/ requests in / {print $1}' "$scratch/wrk")
answered=$(grep -o '"note":"[0-9]*' "$scratch/trial" | grep -o '[0-9]*$')
grep -qE 'Socket errors|Non-2xx' "$scratch/wrk" && fail "wrk saw errors"
grep -q '"status":"ok"' "$scratch/trial" || fail "the trial failed"
[ "$counted" -gt 0 ] || fail "wrk counted nothing"
[ "$answered" -ge "$counted" ] || fail "$answered answers, $counted counted by wrk"
echo "$counted requests, $answered answers, no error"
