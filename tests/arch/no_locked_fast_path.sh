#!/bin/bash
# no_locked_fast_path.sh PROGRAM FUNCTION... - the whole bodies of these functions have no locked
# instruction and no fence; the slow paths are functions of their own. x86-64.
set -u
[ $# -ge 2 ] || { echo "usage: no_locked_fast_path.sh PROGRAM FUNCTION..." >&2; exit 2; }
program=$1
shift

objdump -d --no-show-raw-insn "$program" | awk -F'\t' -v wanted="$*" '
BEGIN {
    count = split(wanted, list, " ")
    for (i = 1; i <= count; i++)
        missing[list[i]] = 1
}
# foo.cold and foo.part.0 are pieces of foo that were moved out of it: slow paths.
/^[0-9a-f]+ <.*>:$/ {
    name = $0
    gsub(/^[0-9a-f]+ <|>:$/, "", name)
    inside = name in missing
    seen[name] = 1
}
/^ / && inside {
    instructions++
    if ($2 ~ /^(lock|xacquire|xrelease) |^xchg .*\(|^[lms]fence|^cpuid|^serialize/) {
        print name ": " $2
        bad++
    }
}
END {
    for (name in missing)
        if (!(name in seen)) {
            print "no function " name
            bad++
        }
    print count " functions, " instructions + 0 " instructions, " bad + 0 " wrong or missing"
    exit bad > 0
}'
