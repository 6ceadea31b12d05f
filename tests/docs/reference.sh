#!/bin/bash
# reference.sh ROOT FOLDER - Doxygen makes a reference of the headers without any warning, and each
# public function is in it; and a function without a comment is found. 77: no Doxygen.
set -u
[ $# -eq 2 ] || { echo "usage: reference.sh ROOT FOLDER" >&2; exit 2; }
command -v doxygen >/dev/null || exit 77
root=$1
folder=$2
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

fail() {
    echo "$*"
    exit 1
}

"$root/docs/reference.sh" "$folder" >"$scratch/log" 2>&1 || fail "$(cat "$scratch/log")"
declaration='^[A-Za-z_][A-Za-z0-9_ ]*[ *](sy_[a-z0-9_]+)\(.*'
count=0
while read -r function; do
    count=$((count + 1))
    grep -rqw "$function" "$folder/html" || fail "$function is not in the reference"
done < <(sed -nE "s/$declaration/\1/p" "$root"/runtime/include/switchyard/*.h | sort -u)
[ $count -ge 50 ] || fail "only $count functions found"

mkdir -p "$scratch/runtime/include"
cp -r "$root/docs" "$scratch/docs"
cp -r "$root/runtime/include/switchyard" "$scratch/runtime/include/"
sed 's/^void sy_yield(void);$/\n&/' "$root/runtime/include/switchyard/task.h" \
    >"$scratch/runtime/include/switchyard/task.h"
"$scratch/docs/reference.sh" "$scratch/out" >"$scratch/log" 2>&1 &&
    fail "a function without a comment is not found"
grep -q 'sy_yield.*is not documented' "$scratch/log" || fail "other warnings: $(cat "$scratch/log")"
echo "$count functions"
