#!/bin/bash
# check.sh NAME - checks the SPIN model NAME.pml beside this script: exhaustively, its good
# configurations hold; and each of its bad variants, a protocol with one part taken out, fails.
#
# The head of a model lists them: "good: - A B,C" ("-" is no macro, "B,C" are two), "bad: X Y Z";
# "progress: ..." lists the configurations that are searched for endless retries too.
# Exit status 0 all as it should be, 1 not, 2 wrong usage, 77 no spin or no C compiler.
set -u

MEMORY_MB=900
SECONDS_MAX=60 # a hang of the checker; a run takes at most 10 on the machine that it was made on

if [ $# -ne 1 ] || [ ! -f "$(dirname "$0")/$1.pml" ]; then
    echo "usage: check.sh NAME; NAME.pml is a model beside the script" >&2
    exit 2
fi
folder=$(cd "$(dirname "$0")" && pwd) || exit 2
name=$1
model=$folder/$name.pml
for tool in spin "${CC:-cc}"; do
    command -v "$tool" >/dev/null || { echo "no $tool"; exit 77; }
done
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
status=0

listed() { sed -n "s/^ \* $1: *//p" "$model"; }

# build VARIANT FLAGS...: makes the checker ./pan of a variant.
build() {
    local variant=$1 macros=()
    shift
    [ "$variant" = - ] || IFS=, read -ra macros <<<"$variant"
    rm -f pan pan.* "$name.pml.trail"
    cp "$folder"/*.pml . &&
        spin -a "${macros[@]/#/-D}" "$name.pml" >spin.log 2>&1 &&
        "${CC:-cc}" -O2 -w -DMEMLIM=$MEMORY_MB "$@" -o pan pan.c >>spin.log 2>&1
}

# explore ARGUMENTS...: runs ./pan; its report is in pan.log.
explore() {
    timeout $SECONDS_MAX ./pan -m1000000 "$@" >pan.log 2>&1
}

# True if the whole state space was searched: pan reports "error: max search depth too small",
# "out of memory" and the like on lines of their own, and exits with 0 for some of them.
searched_all() {
    grep -q '^State-vector' pan.log &&
        ! grep -qE 'max search depth|out of memory|[Ss]earch not completed|truncated|MEMLIM' pan.log
}

errors() { sed -n 's/.*errors: \([0-9]*\)$/\1/p' pan.log; }
states() { sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' pan.log; }

fail() {
    echo "$name: $*"
    sed 's/^/    /' spin.log pan.log 2>/dev/null
    status=1
}

# check_good VARIANT FLAG [ARGUMENT]: the whole search finds no error.
check_good() {
    local variant=$1 flag=$2
    shift 2
    if ! build "$variant" "$flag"; then
        fail "$variant: the model does not compile"
    elif ! explore "$@" || [ "$(errors)" != 0 ] || ! searched_all; then
        fail "good configuration $variant ($flag) fails"
    else
        echo "$name: good $variant $flag: holds, $(states) states"
    fi
}

# An assertion or an invalid end state; a search that merely broke off does not count.
check_bad() {
    if ! build "$1" -DSAFETY; then
        fail "$1: the model does not compile"
        return
    fi
    explore
    if [ "$(errors)" = 1 ] && [ -f "$name.pml.trail" ] &&
        grep -qE 'assertion violated|invalid end state' pan.log; then
        echo "$name: bad $1: fails as it should: $(sed -n 's/^pan:1: *//p' pan.log | head -n 1)"
    else
        fail "bad variant $1 was not found out"
    fi
}

cd "$scratch" || exit 2
good=$(listed good)
bad=$(listed bad)
if [ -z "$good" ] || [ -z "$bad" ]; then
    echo "$name: its head lists no good configuration or no bad variant"
    exit 1
fi
for variant in $good; do check_good "$variant" -DSAFETY; done             # assertions, hangs
for variant in $(listed progress); do check_good "$variant" -DNP -l; done # cycles
for variant in $bad; do check_bad "$variant"; done
exit $status
