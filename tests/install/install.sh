#!/bin/bash
# install.sh BUILD COMPILER - installs what BUILD holds, moves it, and builds a project outside of
# this one against the installed files: with CMake and with pkg-config, for each runtime.
set -u
[ $# -eq 2 ] || { echo "usage: install.sh BUILD COMPILER" >&2; exit 2; }
build=$1
compiler=$2
source=$(dirname "$(readlink -f "$0")")/outside
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT

fail() {
    echo "$*"
    exit 1
}

# A prefix is not baked in: the files are used from another place than they were installed in.
cmake --install "$build" --prefix "$folder/first" >"$folder/log" 2>&1 ||
    fail "install: $(cat "$folder/log")"
mv "$folder/first" "$folder/second"
cp -r "$source" "$folder/project"
grep -rIl "$build" "$folder/second/include" "$folder"/second/lib*/*/cmake \
    "$folder"/second/lib*/*/pkgconfig "$folder"/second/lib*/cmake "$folder"/second/lib*/pkgconfig \
    2>/dev/null | grep . && fail "these name the build folder"
[ ! -e "$folder/second/include/base" ] || fail "internal headers are installed"

cmake -S "$folder/project" -B "$folder/build" -DCMAKE_C_COMPILER="$compiler" \
    -DCMAKE_PREFIX_PATH="$folder/second" >"$folder/log" 2>&1 || fail "cmake: $(cat "$folder/log")"
cmake --build "$folder/build" >"$folder/log" 2>&1 || fail "cmake: $(cat "$folder/log")"

PKG_CONFIG_PATH=$(dirname "$(find "$folder/second" -name switchyard-green.pc)")
export PKG_CONFIG_PATH
for runtime in green pthread; do
    flags=$(pkg-config --cflags --libs "switchyard-$runtime") || fail "pkg-config: $flags"
    # shellcheck disable=SC2086 # flags are words
    "$compiler" "$folder/project/outside.c" -o "$folder/$runtime" $flags >"$folder/log" 2>&1 ||
        fail "$compiler with $flags: $(cat "$folder/log")"
    for program in "$folder/build/outside-$runtime" "$folder/$runtime"; do
        output=$(timeout 20 "$program") || fail "$program: exit status $?"
        [ "$output" = "42 from $runtime" ] || fail "$program says: $output"
    done
done

# The proof that this can fail: a version that is not there.
sed 's/switchyard 0.1/switchyard 9.9/' "$source/CMakeLists.txt" >"$folder/project/CMakeLists.txt"
cmake -S "$folder/project" -B "$folder/build" >"$folder/log" 2>&1 &&
    fail "version 9.9 was found: $(cat "$folder/log")"
exit 0
