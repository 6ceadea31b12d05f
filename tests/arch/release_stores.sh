#!/bin/bash
# release_stores.sh OBJDUMP PROGRAM - the AArch64 switch publishes by store-release: the release
# word, then (plain) the pointer to it, then in_section, and nothing else after the saving stores.
# No run on an x86-64 host could show it: there every store is a release.
set -u
[ $# -eq 2 ] || { echo "usage: release_stores.sh OBJDUMP PROGRAM" >&2; exit 2; }

stores=$("$1" -d --no-show-raw-insn "$2" | awk -F'\t' '
    /^[0-9a-f]+ <.*>:$/ {inside = /<sy_resume_common>/}
    inside && $2 ~ /^st/ {print $2, $3}')
expected='stlr wzr, [x11]
str x12, [x2, #8]
stlr wzr, [x12]'
diff <(echo "$expected") <(echo "$stores") && echo "$stores"
