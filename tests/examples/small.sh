#!/bin/bash
# small.sh EXAMPLES TESTS - there are at least ten examples, none is longer than 60 lines, and each
# is built and run.
set -u
[ $# -eq 2 ] || { echo "usage: small.sh EXAMPLES TESTS" >&2; exit 2; }
LINES_MAX=60
COUNT_MIN=10
status=0
count=0
for file in "$1"/*.c; do
    lines=$(wc -l <"$file")
    name=$(basename "$file" .c)
    count=$((count + 1))
    if [ "$lines" -gt $LINES_MAX ]; then
        echo "$file: $lines lines, at most $LINES_MAX"
        status=1
    fi
    for list in "$1/CMakeLists.txt" "$2/CMakeLists.txt"; do
        if ! grep -qw "$name" "$list"; then
            echo "$name is not in $list"
            status=1
        fi
    done
done
[ $count -ge $COUNT_MIN ] || { echo "only $count examples"; status=1; }
exit $status
