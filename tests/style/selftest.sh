#!/bin/bash
# selftest.sh - each rule of check.sh accepts a good tree and finds what is put into it to break it.
set -u
check=$(cd "$(dirname "$0")" && pwd)/check.sh
tree=$(mktemp -d) || exit 2
trap 'rm -rf "$tree"' EXIT
tested=""
failures=0

fail() {
    echo "$*"
    failures=$((failures + 1))
}

good_tree() {
    rm -rf "${tree:?}"/*
    mkdir -p "$tree/runtime/base" "$tree/pthread_baseline"
    cp "$(dirname "$check")/../../.clang-format" "$tree/"
    cat >"$tree/runtime/base/list.h" <<'C'
#ifndef SWITCHYARD_BASE_LIST_H
#define SWITCHYARD_BASE_LIST_H

int list_length(void);

#endif
C
    cat >"$tree/runtime/chan.c" <<'C'
#include "base/list.h"

int sy_chan_len(void)
{
    return load_relaxed(&length); /* relaxed: a snapshot */
}
C
    cp "$tree/runtime/chan.c" "$tree/pthread_baseline/chan.c"
    printf 'int sy_join(void)\n{\n}\n' >"$tree/pthread_baseline/join.c"
    printf '#!/bin/sh\necho fine\n' >"$tree/fine.sh"
}

# breaks RULE FILE TEXT: with TEXT added to FILE of a good tree the rule fails and names the file.
breaks() {
    local rule=$1 file=$2 output status
    good_tree
    output=$("$check" "$tree" "$rule")
    status=$?
    tested="$tested $rule"
    [ $status -ne 77 ] || return # the tool is not installed
    [ $status -eq 0 ] || fail "rule $rule fails on a good tree: $output"
    printf '%s\n' "$3" >>"$tree/$file"
    output=$("$check" "$tree" "$rule")
    if [ $? -ne 1 ] || ! echo "$output" | grep -q "$file"; then
        fail "rule $rule does not find the violation in $file: $output"
    fi
}

repeat() {
    local i
    for ((i = 0; i < $1; i++)); do
        echo "$2"
    done
}

function_of() {
    printf '\nvoid f(void)\n{\n%s\n}\n' "$1"
}

breaks format runtime/chan.c 'int  badly_formatted;'
breaks file_length runtime/chan.c "$(repeat 400 '/* filler */')"
breaks function_length runtime/chan.c "$(function_of "$(repeat 69 '    f();')")"
breaks line_length runtime/chan.c "$(printf '/* %0100d */' 0)"
breaks conditional_in_function runtime/chan.c "$(function_of '#ifdef X')"
breaks atomic_comment runtime/chan.c "$(function_of '    store_release(&x, 1);')"
breaks atomic_comment pthread_baseline/chan.c "$(function_of '    fence_seq_cst();')"
breaks atomic_seam runtime/chan.c "$(function_of '    atomic_store(&x, 1);')"
breaks header_alone runtime/base/list.h 'size_t needs_an_include(void);'
breaks header_guard runtime/base/unguarded.h 'int x;'
# shellcheck disable=SC2016 # the sample is a script
breaks shellcheck broken.sh 'echo $undefined'
breaks machine_path runtime/chan.c "/* see /ho""me/somebody/notes */"

breaks same_file_names runtime/chan.c "$(printf 'int sy_join(void)\n{\n}')"

for rule in $("$check" / | tail -n +2); do
    case "$tested " in
    *" $rule "*) ;;
    *) fail "rule $rule has no bad sample" ;;
    esac
done
[ "$failures" -eq 0 ]
