#!/bin/bash
# no_cached_tls.sh PROGRAM - no function of PROGRAM that can switch keeps a thread-local address: a
# task may go on in another thread, where the address is the wrong one. x86-64.
#   1. From the disassembly: who calls or jumps to whom. A function can switch if it reaches
#      sy_switch or sy_resume, or calls through a pointer: it may be a task's body.
#   2. In these functions each use of %fs is a move from or to a constant address (proc_self is
#      one), and none gets an address: not the thread pointer itself (%fs:0), not by
#      __errno_location or __tls_get_addr.
set -u
[ $# -eq 1 ] || { echo "usage: no_cached_tls.sh PROGRAM" >&2; exit 2; }

objdump -d --no-show-raw-insn "$1" | awk -F'\t' '
function wrong(what) {
    if (!(at in kept))
        kept[at] = name ": " what
}
/^[0-9a-f]+ <.*>:$/ {
    name = $0
    gsub(/^[0-9a-f]+ <|>:$/, "", name)
    functions++
}
# The stubs to shared libraries jump to the dynamic linker, not to functions of this program.
/^ / && name !~ /@plt|^\.plt/ {
    at = name SUBSEP FNR
    if ($2 ~ /^(notrack )?(call|jmp) +\*/)
        indirect[name] = 1
    if ($2 ~ /^(call|j[a-z]+) .*<[^+>]*(\+0x[0-9a-f]+)?>/) {
        target = $2
        gsub(/.*<|(\+0x[0-9a-f]+)?>.*/, "", target)
        if (target != name)
            calls[name, target] = 1
        if (target ~ /^(__errno_location|__tls_get_addr)/)
            wrong("asks for a thread-local address: " $2)
    }
    if ($2 ~ /%fs:0x0(,|$)/)
        wrong("loads the thread pointer: " $2)
    else if ($2 ~ /%fs:/ && $2 !~ /^(mov|sub|cmp)[a-z]* .*%fs:0x[0-9a-f]+(,|$)/)
        wrong("uses %fs by something else than a constant address: " $2)
    else if ($2 ~ /^mov[a-z]* +%fs:0xf[0-9a-f]+,/)
        loads[name] = 1
}
# The raw swaps go from stack to stack within a thread (anatomy.c), so they are no switches here.
# What __morestack calls through a pointer is the body of the function that has called it. That a
# program compiled with -fsplit-stack may be preempted in any prologue is its own affair
# (docs/preemption.md); the runtime has no such prologues.
END {
    for (name in indirect)
        if (name ~ /^(sy_raw_swap|inline_(back|rounds)$|__morestack$)/)
            delete indirect[name]
    delete calls["__morestack", "preempt_at_prologue"]
    for (name in indirect)
        switches[name] = 1
    switches["sy_switch"] = switches["sy_resume"] = 1
    do {
        changed = 0
        for (pair in calls) {
            split(pair, edge, SUBSEP)
            if ((edge[2] in switches) && !(edge[1] in switches))
                changed = switches[edge[1]] = 1
        }
    } while (changed)
    for (at in kept) {
        split(at, place, SUBSEP)
        if (place[1] in switches) {
            print kept[at]
            bad++
        }
    }
    for (name in switches) {
        count++
        reading += name in loads
    }
    print functions " functions, " count " can switch, " reading " of them read a thread-local; " \
        bad + 0 " wrong instructions"
    if (!("sy_yield" in switches) || !("sy_yield" in loads)) {
        print "sy_yield is not seen to switch or to read its proc: this check is blind"
        bad++
    }
    exit bad > 0
}'
