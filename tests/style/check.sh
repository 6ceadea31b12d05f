#!/bin/bash
# check.sh ROOT RULE... - the rules of CONTRIBUTING.md that a machine can check. Prints each
# violation as file:line: what; exit status 1 if there are any, 77 if a tool is missing.
# selftest.sh shows that each rule can fail.
# shellcheck disable=SC2016,SC2317 # awk has its own $; the rules are called by name, at the end
set -u

cd "$1" || exit 2
shift

FILE_LINES_MAX=400
FUNCTION_LINES_MAX=70
LINE_COLUMNS_MAX=100

c_files() {
    find . \( -name build -o -name results \) -prune -o -name '*.[ch]' -print | sort
}
# atomic.h itself only defines the names.
atomic_users() {
    c_files | grep -E '^\./(runtime|pthread_baseline)/' | grep -v '/base/atomic\.h$'
}
headers() { c_files | grep '\.h$'; }
scripts() {
    find . -path ./build -prune -o -name '*.sh' -print | sort
    find ./check ./bench ./.ci/run 2>/dev/null
}
text_files() {
    find . \( -name build -o -name results -o -name .git \) -prune -o -type f -print |
        grep -vE '\.(svg|png|json|dat)$' | sort
}

# Every rule prints violations, and nothing when all is well.

rule_format() {
    command -v clang-format >/dev/null || exit 77
    c_files | xargs -r clang-format --dry-run -Werror 2>&1 | grep -E 'error:'
}

rule_file_length() {
    c_files | xargs -r wc -l | awk -v max="$FILE_LINES_MAX" \
        '$2 != "total" && $1 > max {print $2 ": " $1 " lines, at most " max}'
}

# The format puts the braces of a function, and only these, alone into column 1.
rule_function_length() {
    c_files | xargs -r awk -v max="$FUNCTION_LINES_MAX" '
        /^\{$/ {start = FNR}
        /^\}$/ && start {
            if (FNR - start + 1 > max)
                print FILENAME ":" start ": function of " FNR - start + 1 " lines, at most " max
            start = 0
        }'
}

# Columns are characters: the continuation bytes of UTF-8 do not count.
rule_line_length() {
    { c_files; scripts; } | LC_ALL=C xargs -r awk -v max="$LINE_COLUMNS_MAX" '
        {text = $0; gsub(/[\200-\277]/, "", text)}
        length(text) > max {print FILENAME ":" FNR ": " length(text) " columns, at most " max}'
}

# Varying by #if inside of a function; by file or folder is the way.
rule_conditional_in_function() {
    c_files | xargs -r awk '
        /^\{$/ {inside = 1}
        /^\}$/ {inside = 0}
        inside && /^[ \t]*#[ \t]*(if|ifdef|ifndef|else|elif)/ {
            print FILENAME ":" FNR ": " $1 " in a function"
        }'
}

# An atomic access names its order, so the reader wants to know why it suffices: a comment on the
# line, or above it since the last blank line.
rule_atomic_comment() {
    atomic_users | xargs -r awk '
        FNR == 1 || /^[ \t]*$/ {explained = 0}
        /\/\*|\/\// {explained = 1}
        !explained && /(load|store|exchange|fetch_[a-z]+|cas|fence)_[a-z_]+\(|memory_order_/ {
            print FILENAME ":" FNR ": memory order without a reason"
        }'
}

# Raw C11 atomics would bypass the seam. Tests have no seam to keep.
rule_atomic_seam() {
    local operations='load|store|exchange|fetch_[a-z]+|compare_exchange_[a-z]+|thread_fence'
    atomic_users | xargs -r grep -nE \
        "\<(atomic_($operations)(_explicit)?\(|__atomic_|__sync_)"
}

# Only this machine's architecture can be compiled here; check cross-builds the other one.
rule_header_alone() {
    local compiler=${CC:-cc} machine folder file output
    machine=$(uname -m)
    headers | grep -vE "/arch/" >"$scratch"
    headers | grep -E "/arch/$machine/" >>"$scratch"
    while read -r file; do
        folder=$(dirname "$file")
        # shellcheck disable=SC2046 # flags are words
        output=$("$compiler" -std=gnu11 -D_GNU_SOURCE -fsyntax-only -Wall -Wextra -Werror \
            -x c -include "$file" -I"$folder" -Iruntime -Iruntime/include \
            -I"runtime/arch/$machine" -Iworkloads -Iharness -Itests \
            $(pkg-config --cflags hwloc jansson check 2>/dev/null) /dev/null 2>&1) ||
            echo "$file: does not compile alone: $(echo "$output" | grep -m1 error)"
    done <"$scratch"
}

rule_header_guard() {
    headers | xargs -r grep -LE '^#ifndef SWITCHYARD_' |
        sed 's/$/: no include guard SWITCHYARD_.../'
}

# Prints "function file-name" for each public function that the .c files of a runtime define: a
# definition starts in column 1 and its line does not end in a semicolon.
definitions() {
    find "$1" -maxdepth 1 -name '*.c' -print0 2>/dev/null | xargs -0 -r awk '
        /^[A-Za-z_].*[ *]sy_[a-z0-9_]+\(/ && !/;$/ {
            match($0, /sy_[a-z0-9_]+\(/)
            file = FILENAME
            sub(/.*\//, "", file)
            print substr($0, RSTART, RLENGTH - 1), file
        }' | sort
}

# diff runtime/X.c pthread_baseline/X.c is meant to be a lesson: each public function is in files
# of the same name.
rule_same_file_names() {
    local both
    both=$(join <(definitions runtime) <(definitions pthread_baseline))
    [ -n "$both" ] || echo "runtime, pthread_baseline: no public function in common"
    echo "$both" | awk 'NF == 3 && $2 != $3 {
        print "runtime/" $2 ": " $1 " is in pthread_baseline/" $3 " there"
    }'
}

# The pattern is split so that this line does not match itself.
rule_machine_path() {
    text_files | xargs -r grep -nIE \
        '(^|[^A-Za-z0-9_./-])/(ho''me|wo''rk|ro''ot|Us''ers)/[A-Za-z0-9]'
}

# Notes in a script say why where one is disabled.
rule_shellcheck() {
    command -v shellcheck >/dev/null || exit 77
    scripts | xargs -r shellcheck -f gcc
}

RULES=$(declare -F | sed -n 's/^declare -f rule_//p')
if [ $# -eq 0 ]; then
    echo "usage: check.sh ROOT RULE...; rules:"
    echo "$RULES"
    exit 2
fi

scratch=$(mktemp) || exit 2
trap 'rm -f "$scratch"' EXIT
status=0
for rule in "$@"; do
    echo "$RULES" | grep -qx "$rule" || { echo "no rule $rule"; exit 2; }
    violations=$("rule_$rule")
    if [ $? -eq 77 ]; then
        echo "$rule: a tool is missing"
        exit 77
    elif [ -n "$violations" ]; then
        echo "$violations"
        status=1
    fi
done
exit $status
