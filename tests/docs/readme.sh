#!/bin/bash
# readme.sh ROOT BUILD - README's program is built by the two commands that README shows, and both
# print the same three numbers; and each command of switchyard that it shows exists.
set -u
[ $# -eq 2 ] || { echo "usage: readme.sh ROOT BUILD" >&2; exit 2; }
root=$(readlink -f "$1")
build=$(readlink -f "$2")
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT

fail() {
    echo "$*"
    exit 1
}

cd "$folder" || exit 1
mkdir build
ln -s "$root/runtime" runtime
ln -s "$build" build/release
awk '/^```c$/ {inside = 1; next} /^```/ {inside = 0} inside' "$root/README.md" >numbers.c
awk '/^    gcc / {inside = 1} !/^    / {inside = 0} inside' "$root/README.md" |
    sed -e ':a' -e '/\\$/N; s/\\\n//; ta' >commands
[ "$(wc -l <commands)" -eq 2 ] || fail "not two commands: $(cat commands)"
while read -r command; do
    rm -f a.out
    bash -c "$command" || fail "fails: $command"
    [ "$(./a.out | tr '\n' ' ')" = "0 1 2 " ] || fail "other numbers after: $command"
done <commands

shown=$(sed -nE 's|^    \./switchyard ([a-z]+).*|\1|p' "$root/README.md" | sort -u)
[ "$(wc -w <<<"$shown")" -ge 8 ] || fail "README shows only: $shown"
for name in $shown; do
    "$build/bin/switchyard" "$name" --help >/dev/null || fail "no command $name"
done
