#!/bin/bash
# completion.sh SWITCHYARD FAKE_GREEN FAKE_PTHREAD SCRIPT TUNE_C - what bash offers after a TAB.
#
# Method: the words of a command line are given to the function as bash does it. The workers are
# fake ones, beside a copy of the program.
set -u

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cp "$1" "$work/switchyard" && cp "$2" "$work/switchyard-green" &&
    cp "$3" "$work/switchyard-pthread" || exit 1
# shellcheck source=/dev/null
. "$4" || exit 1
cd "$work" || exit 1
touch results.json
failures=0

fail() {
    echo "FAIL: $*" >&2
    failures=$((failures + 1))
}

# completes WORD... : the last word is the one that TAB is pressed in.
completes() {
    COMP_WORDS=("$work/switchyard" "$@")
    COMP_CWORD=$#
    COMPREPLY=()
    _switchyard
}

# offers EXPECTED WORD...: exactly these, in any order.
offers() {
    local expected=$1 seen
    shift
    completes "$@"
    seen=$(printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' ')
    [ "$seen" = "$expected " ] || fail "$*: \"$seen\" instead of \"$expected\""
}

# Every command that --help names is offered, and each has options.
completes ''
offered=" ${COMPREPLY[*]} "
for command in $("$work/switchyard" --help | sed -nE 's/^  ([a-z]+) +[^ ].*/\1/p' |
    grep -v '^switchyard$'); do
    [[ $offered == *" $command "* ]] || fail "the command $command is not offered"
    completes "$command" --
    [ "${#COMPREPLY[@]}" -gt 1 ] || fail "$command: no options: ${COMPREPLY[*]}"
    for option in "${COMPREPLY[@]}"; do
        "$work/switchyard" "$command" --help | grep -q -- "$option" || fail "$command: $option"
    done
done
offers 'run' ru
offers '--deadline --default' run --de
offers '--resume' run --res
offers 'good.skipped good.slow good.steady' run --workload good.s
offers 'good.steady' run -w good.st
offers 'rounds=' run -w good.steady --param r
offers 'rounds= tasks=' run --param ''
offers 'green pthread' run -b ''
offers 'pthread' run --backend = pt
offers 'results.json' run --resume res
offers 'results.json' compare res
offers 'results.json' compare results.json r
offers 'bad.hang' trace bad.han
offers '' run --trials ''
offers '' frobnicate --

# What is offered to switch off is what the runtime knows.
completes run --tune no
for word in $(grep -oE '"no[a-z]+"' "$5" | tr -d '"') none; do
    [[ " ${COMPREPLY[*]} " == *" $word "* ]] || fail "$word is not offered"
done

# What is offered as a format is one.
completes export --format ''
[ "${#COMPREPLY[@]}" -eq 7 ] || fail "not seven formats: ${COMPREPLY[*]}"
for format in "${COMPREPLY[@]}"; do
    "$work/switchyard" export -f "$format" results.json 2>&1 | grep -q 'unknown format' &&
        fail "$format is no format"
done

[ "$failures" -eq 0 ]
