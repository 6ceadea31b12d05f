#!/bin/sh
# run.sh COMPILER INCLUDE_FOLDER - a channel macro refuses an element of another type, and says why.
set -eu
compiler=$1 include=$2
source=$(dirname "$0")/wrong_type.c
failures=0

compile() {
    macro_used=$1
    shift
    "$compiler" -std=gnu11 -Wall -fsyntax-only -I"$include" "-DUSE=$macro_used" "$@" "$source" 2>&1
}

for macro in send try_send send_until recv try_recv recv_until case_recv case_send; do
    if ! output=$(compile "$macro" -DRIGHT); then
        echo "sy_$macro with the right type does not compile: $output"
        failures=$((failures + 1))
    fi
    if output=$(compile "$macro"); then
        echo "sy_$macro with a wrong type compiles"
        failures=$((failures + 1))
    elif ! echo "$output" | grep -q "the channel has another element type"; then
        echo "sy_$macro with a wrong type fails for another reason: $output"
        failures=$((failures + 1))
    fi
done
[ "$failures" -eq 0 ]
