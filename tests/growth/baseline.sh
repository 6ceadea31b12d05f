#!/bin/bash
# baseline.sh WORKER - the pthread worker's code has stack checks, and none of them ever fails: gdb
# stops at no call of __morestack while a thread uses most of its stack. 77: gdb is missing.
set -u
worker=$1
command -v gdb >/dev/null || exit 77
checks=$(objdump -d --no-show-raw-insn "$worker" | grep -c 'call .*<__morestack>')
[ "$checks" -gt 100 ] || { echo "only $checks checks: the objects are other ones"; exit 1; }
output=$(timeout 100 gdb -q -nx -batch -ex 'break __morestack' -ex run --args "$worker" \
    --workload stack.deep --param bytes=7000000 2>&1)
if ! grep -q '"status":"ok"' <<<"$output" || grep -q 'hit Breakpoint' <<<"$output"; then
    tail -n 20 <<<"$output"
    exit 1
fi
echo "$checks checks, none of which failed"
