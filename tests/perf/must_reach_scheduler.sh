#!/bin/bash
# must_reach_scheduler.sh BIN [ROUNDS]: what the scheduler, its timers and its I/O must reach,
# measured now. BIN is the folder of the release build's programs. Each round runs every trial once,
# both back ends one after the other, in a process of its own; the table has the medians over the
# rounds of each process's median, and of the ratios within a round. A table; it asserts nothing.
set -euo pipefail
bin=${1:?usage: must_reach_scheduler.sh BIN [ROUNDS]}
rounds=${2:-5}
# shellcheck source=tests/perf/trials.sh
. "$(dirname "$(readlink -f "$0")")/trials.sh"
green=$bin/switchyard-green
pthread=$bin/switchyard-pthread
samples=$(mktemp)
trap 'rm -f "$samples"' EXIT

# note NAME VALUE: a sample
note() { echo "$1|$2" >>"$samples"; }
divide() { awk -v a="$1" -v b="$2" 'BEGIN {print a / b}'; }

echo_round() {
    local options=(--workload io.echo --procs 2 --epochs 3 --param connections=1000)
    local json mine raw threads
    json=$(run "$green" "${options[@]}")
    mine=$(median_of throughput <<<"$json")
    raw=$(median_of raw_throughput <<<"$json")
    note "io.echo 1,000 connections: requests/s" "$mine"
    note "io.echo: raw epoll loops, requests/s" "$raw"
    note "io.echo: ratio to the raw loops" "$(divide "$mine" "$raw")"
    json=$(run "$pthread" "${options[@]}")
    threads=$(median_of throughput <<<"$json")
    note "io.echo: threads, requests/s" "$threads"
    note "io.echo: ratio to threads" "$(divide "$mine" "$threads")"
    note "io.echo: raw loops, ratio to threads" "$(divide "$raw" "$threads")"
    options=(--workload io.echo --procs 2 --epochs 1 --warmup 0 --param connections=10000)
    json=$(run "$green" "${options[@]}" --param requests=20000)
    note "io.echo 10,000 connections: RSS, B each" "$(median_of rss <<<"$json")"
}

timer_round() {
    local options=(--workload timer.storm --epochs 1 --warmup 0) json mine
    json=$(run "$green" "${options[@]}" --param tasks=1000000)
    mine=$(percentile_of lateness 50 <<<"$json")
    note "timer.storm 10^6: median lateness, us" "$(divide "$mine" 1000)"
    note "timer.storm 10^6: arming, ns" "$(median_of arm <<<"$json")"
    # One thread that sleeps again and again, alone: what the kernel makes of a deadline.
    json=$(run "$pthread" "${options[@]}" --param tasks=1 --param rate=100 --epochs 30)
    note "a pthread's own lateness, us" "$(divide "$(percentile_of lateness 50 <<<"$json")" 1000)"
}

scheduler_round() {
    local one two on off
    one=$(run taskset -c 1 "$green" --workload speedup --procs 1 | median_of total)
    two=$(run taskset -c 0,1 "$green" --workload speedup --procs 2 | median_of total)
    note "speedup on 2 procs" "$(divide "$one" "$two")"
    on=$(run "$green" --workload steal.imbalance --procs 2 | median_of total)
    off=$(run "$green" --workload steal.imbalance --procs 2 --tune nosteal | median_of total)
    note "steal.imbalance: gain of stealing" "$(divide "$off" "$on")"
    note "blocking.mix, 2 procs: progress, %" \
        "$(run "$green" --workload blocking.mix --procs 2 | median_of progress)"
    note "blocking.mix, 1 proc: progress, %" \
        "$(run taskset -c 1 "$green" --workload blocking.mix --procs 1 | median_of progress)"
    note "idle.cpu, 32 procs: us/s" \
        "$(run "$green" --workload idle.cpu --procs 32 --epochs 3 | median_of cpu)"
}

for _ in $(seq "$rounds"); do
    echo_round
    timer_round
    scheduler_round
done

# name | what it must be
limits() {
    cat <<'TABLE'
io.echo 1,000 connections: requests/s|
io.echo: raw epoll loops, requests/s|
io.echo: threads, requests/s|
io.echo: ratio to the raw loops|at least 0.9
io.echo: ratio to threads|at least 2
io.echo: raw loops, ratio to threads|the most that can be
io.echo 10,000 connections: RSS, B each|at most 6000
timer.storm 10^6: median lateness, us|at most 100 more than the next
a pthread's own lateness, us|
timer.storm 10^6: arming, ns|at most 150
blocking.mix, 1 proc: progress, %|at least 90
blocking.mix, 2 procs: progress, %|at least 90
speedup on 2 procs|at least 1.9
steal.imbalance: gain of stealing|at least 1.8
idle.cpu, 32 procs: us/s|at most 2500
TABLE
}

echo "| figure | median | lowest | highest | must be |"
echo "|---|---|---|---|---|"
limits | while IFS='|' read -r name limit; do
    values=$(awk -F'|' -v name="$name" '$1 == name {print $2}' "$samples" | sort -g)
    printf '| %s | %.4g | %.4g | %.4g | %s |\n' "$name" "$(median <<<"$values")" \
        "$(head -n 1 <<<"$values")" "$(tail -n 1 <<<"$values")" "$limit"
done
