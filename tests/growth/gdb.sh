#!/bin/bash
# gdb.sh WORKER - gdb's backtrace goes through the boundaries of stack segments, to the first frame
# of the task. 77: gdb is missing.
set -u
worker=$1
command -v gdb >/dev/null || exit 77
output=$(timeout 100 gdb -q -nx -batch -ex 'break segment_grow' -ex run -ex 'continue 3' \
    -ex backtrace --args "$worker" --workload stack.deep --epochs 1 --warmup 0 \
    --param bytes=1048576 2>&1)
backtrace=$(grep -E '^#[0-9]+ ' <<<"$output")
crossings=$(grep -c ' in __morestack ()' <<<"$backtrace")
if [ "$crossings" -lt 3 ] || grep -qE 'corrupt stack|Backtrace stopped' <<<"$output"; then
    printf '%s boundaries; the end:\n%s\n' "$crossings" "$(tail -n 20 <<<"$output")"
    exit 1
fi
for function in 'descend (' 'dive (' 'task_main (' 'sy_task_entry ('; do
    if ! grep -qF "$function" <<<"$backtrace"; then
        printf 'no %s in the backtrace; the end:\n%s\n' "$function" "$(tail -n 20 <<<"$output")"
        exit 1
    fi
done
echo "$crossings boundaries, down to sy_task_entry"
