#!/bin/bash
# same_objects.sh BUILD_FOLDER GREEN PTHREAD - both workers are linked from the same objects.
#   1. Ninja's own graph: the object files that go into both links are the same paths, at least one
#      for each workload; no other object goes into either link.
#   2. nm: every function that these objects define is in both workers with the same size, and no
#      runtime library defines it too.
# Paths are as Ninja knows them, relative to BUILD_FOLDER. Exit status 77: not built with Ninja.
set -u
cd "$1" || exit 2
green=$2 pthread=$3
[ -f build.ninja ] || exit 77

fail() {
    echo "$*"
    exit 1
}

# The inputs that ninja lists before the outputs; implicit ones are marked with | or ||.
inputs() {
    ninja -t query "$1" | awk '/^  outputs:/ {exit} NR > 2 {print $NF}'
}

# Name and size of each function that is defined, sorted.
functions() {
    nm -S --defined-only "$@" | awk 'NF == 4 && $3 == "T" {print $4, $2}' | sort
}

inputs "$green" | grep '\.o$' | sort >"$green.objects"
inputs "$pthread" | grep '\.o$' | sort >"$pthread.objects"
workloads=$("./$green" --list | grep -o '"green_only"' | wc -l)
count=$(wc -l <"$green.objects")
[ "$workloads" -ge 1 ] || fail "$green --list names no workload"
[ "$count" -gt "$workloads" ] || fail "only $count objects for $workloads workloads"
diff "$green.objects" "$pthread.objects" || fail "the workers are linked from different objects"

mapfile -t objects <"$green.objects"
functions "${objects[@]}" >"$green.functions"
[ -s "$green.functions" ] || fail "the objects define no function"
for worker in "$green" "$pthread"; do
    missing=$(comm -23 "$green.functions" <(functions "$worker"))
    [ -z "$missing" ] || fail "$worker lacks, or has in another size: $missing"
done

mapfile -t libraries < <({ inputs "$green"; inputs "$pthread"; } | grep '\.a$' | sort -u)
[ "${#libraries[@]}" -ge 2 ] || fail "no runtime libraries found"
doubled=$(join <(cut -d' ' -f1 "$green.functions") <(functions "${libraries[@]}" | cut -d' ' -f1))
[ -z "$doubled" ] || fail "a runtime library defines functions of the workloads: $doubled"
echo "$count objects, $(wc -l <"$green.functions") functions, the same in $green and $pthread"
