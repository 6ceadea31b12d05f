#!/bin/sh
# coverage.sh HEADER_FOLDER OBJECT... - every public function is called by a conformance test.
# outside.c does not count: it calls nearly all of them, but only to see them refused. A list of
# objects may also come as one argument, with semicolons, as CMake writes it.
set -eu
headers=$1
shift
objects=$(printf '%s\n' "$@" | tr ';' '\n' | grep -v '/outside\.c')

# A declaration begins in column 1 with its type; macros and comments do not.
declaration='^[A-Za-z_][A-Za-z0-9_ ]*[ *](sy_[a-z0-9_]+)\(.*'
declared=$(sed -nE "s/$declaration/\1/p" "$headers"/*.h | sort -u)
# shellcheck disable=SC2086 # a list of paths without spaces
called=$(nm -u $objects | awk '$1 == "U" && $2 ~ /^sy_/ {print $2}' | sort -u)

count=$(echo "$declared" | wc -l)
if [ "$count" -lt 50 ]; then
    echo "only $count functions found in $headers: the pattern no longer fits the headers"
    exit 1
fi
missing=0
for function in $declared; do
    if ! echo "$called" | grep -qx "$function"; then
        echo "no conformance test calls $function"
        missing=$((missing + 1))
    fi
done
echo "$count public functions, $missing not called"
[ "$missing" -eq 0 ]
