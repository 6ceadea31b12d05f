#!/bin/bash
# no_vectors.sh PROGRAM FUNCTION... - none of the functions, nor what they call within PROGRAM, uses
# a vector or x87 register: __morestack calls them while these hold arguments and results. What ends
# the process may (overflow_die, sy_fatal), and sched_yield is a bare system call. x86-64.
set -u
[ $# -ge 2 ] || { echo "usage: no_vectors.sh PROGRAM FUNCTION..." >&2; exit 2; }
program=$1
shift

objdump -d --no-show-raw-insn "$program" | awk -F'\t' -v start="$*" '
/^[0-9a-f]+ <.*>:$/ {
    name = $0
    gsub(/^[0-9a-f]+ <|>:$/, "", name)
    known[name] = 1
}
/^ / {
    if ($2 ~ /%[xyz]mm[0-9]|%st|%mm[0-9]|^f[a-z]+ |^v[a-z]+/)
        vector[name] = $2
    if ($2 ~ /^(notrack )?(call|jmp) +\*/)
        vector[name] = $2 " (anywhere)"
    if ($2 ~ /^(call|j[a-z]+) .*<[^+>]*(\+0x[0-9a-f]+)?>/) {
        target = $2
        gsub(/.*<|(\+0x[0-9a-f]+)?>.*/, "", target)
        calls[name] = calls[name] " " target
    }
}
END {
    exempt["overflow_die"] = exempt["sy_fatal"] = exempt["sched_yield@plt"] = 1
    count = split(start, queue, " ")
    for (i = 1; i <= count; i++)
        seen[queue[i]] = 1
    for (i = 1; i <= count; i++) {
        if (!(queue[i] in known)) {
            print queue[i] ": not there: this check is blind"
            bad++
        }
        if (queue[i] in vector) {
            print queue[i] ": " vector[queue[i]]
            bad++
        }
        more = split(calls[queue[i]], callee, " ")
        for (k = 1; k <= more; k++)
            if (!(callee[k] in seen) && !(callee[k] in exempt)) {
                seen[callee[k]] = 1
                queue[++count] = callee[k]
            }
    }
    print count " functions, " bad + 0 " with vector registers"
    exit bad > 0
}'
