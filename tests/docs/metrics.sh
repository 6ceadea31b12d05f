#!/bin/sh
# metrics.sh WORKER PROTOCOL - goal: the table of metrics in docs/protocol.md names every workload.
#
# Method: each name that the worker lists must stand as a whole word in the first column of the
# table; go.* stands for all of Go's benchmarks.
# Exit 0: all are there; 1: some are not, which are named.
set -u
name='^ *"name": *"\([a-z]*\.*[A-Za-z0-9_]*\)", *"summary".*'
names=$("$1" --list | tr '{' '\n' | sed -n "s/$name/\1/p")
[ "$(echo "$names" | wc -l)" -gt 50 ] || {
    echo "$1 lists no workloads"
    exit 1
}
table=$(sed -n '/^### Metrics$/,/^## /s/^| \([^|]*\) |.*/\1/p' "$2" | tr ',' '\n' | tr -d ' ')
status=0
for name in $names; do
    case $name in go.*) wanted='go.*' ;; *) wanted=$name ;; esac
    echo "$table" | grep -qxF "$wanted" || {
        echo "$2: the table of metrics does not name $name"
        status=1
    }
done
exit $status
