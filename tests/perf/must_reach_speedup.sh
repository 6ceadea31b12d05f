#!/bin/bash
# must_reach_speedup.sh BIN [ROUNDS]: how much faster two procs are than one with each program that
# shall reach 1.8. A round runs a program with one proc on CPU 0, with one on CPU 1, two such
# processes side by side, and one with two procs. The speed-up is the harmonic mean of the two times
# alone, divided by the time with two procs; what the two processes side by side reach in the same
# way is what the machine has to give at that moment: neighbours of a virtual machine slow its CPUs
# by half for seconds. Prints medians of the rounds, and quartiles; asserts nothing.
set -euo pipefail
bin=${1:?usage: must_reach_speedup.sh BIN [ROUNDS]}
rounds=${2:-15}
programs=(nqueens mergesort matmul mandelbrot)
# shellcheck source=tests/perf/trials.sh
. "$(dirname "$(readlink -f "$0")")/trials.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# time_of CPUS PROCS PROGRAM: ms
time_of() {
    run taskset -c "$1" "$bin/switchyard-green" --workload "$3" --procs "$2" --epochs 5 |
        median_of total
}

# side_by_side PROGRAM: both times
side_by_side() {
    time_of 0 1 "$1" >"$folder/one" &
    time_of 1 1 "$1" >"$folder/two"
    wait $!
    cat "$folder/one" "$folder/two" | tr '\n' ' '
}

for _ in $(seq "$rounds"); do
    for program in "${programs[@]}"; do
        echo "$program $(time_of 0 1 "$program") $(time_of 1 1 "$program")" \
            "$(side_by_side "$program") $(time_of 0,1 2 "$program")"
    done
done | awk '{
    alone = 1 / $2 + 1 / $3
    beside = 1 / $4 + 1 / $5
    print $1, "ours", 2 / alone / $6
    print $1, "given", 2 * beside / alone
    print $1, "share", 1 / $6 / beside
}' | sort -k1,2 -k3,3g | awk -v order="${programs[*]}" '
    {n[$1, $2]++; value[$1, $2, n[$1, $2]] = $3}
    function quantile(name, what, q) {return value[name, what, int((n[name, what] - 1) * q + 1.5)]}
    function spread(name, what) {
        return sprintf("%.2f (%.2f to %.2f)", quantile(name, what, 0.5),
            quantile(name, what, 0.25), quantile(name, what, 0.75))
    }
    END {
        print "| program | two procs | at least | two processes | two procs / two processes |"
        print "|---|---|---|---|---|"
        names = split(order, name, " ")
        for (i = 1; i <= names; i++)
            printf "| %s | %s | 1.8 | %s | %s |\n", name[i], spread(name[i], "ours"),
                spread(name[i], "given"), spread(name[i], "share")
    }'
