#!/bin/sh
# coverage.sh HEADER_FOLDER OBJECT... - every public function is called by a conformance test: lists
# each function with the files of tests that call it.
# outside.c does not count: it calls nearly all of them, but only to see them refused. A list of
# objects may also come as one argument, with semicolons, as CMake writes it.
set -eu
headers=$1
shift
objects=$(printf '%s\n' "$@" | tr ';' '\n' | grep -v '/outside\.c')

# A declaration begins in column 1 with its type; macros and comments do not.
declaration='^[A-Za-z_][A-Za-z0-9_ ]*[ *](sy_[a-z0-9_]+)\(.*'
declared=$(sed -nE "s/$declaration/\1/p" "$headers"/*.h | sort -u)
# Lines of "function file".
# shellcheck disable=SC2086 # a list of paths without spaces
called=$(for object in $objects; do
    file=$(basename "$object" .o)
    nm -u "$object" | awk -v file="$file" '$1 == "U" && $2 ~ /^sy_/ {print $2, file}'
done)

count=$(echo "$declared" | wc -l)
if [ "$count" -lt 50 ]; then
    echo "only $count functions found in $headers: the pattern no longer fits the headers"
    exit 1
fi
missing=0
for function in $declared; do
    files=$(echo "$called" | awk -v function_="$function" '$1 == function_ {printf " %s", $2}')
    echo "$function:${files:- NONE}"
    [ -n "$files" ] || missing=$((missing + 1))
done
echo "$count public functions, $missing not called"
[ "$missing" -eq 0 ]
