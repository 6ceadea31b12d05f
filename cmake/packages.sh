# packages.sh - sourced by bench and check: sees to it that Debian packages are installed.
# shellcheck shell=bash disable=SC2034 # the lists are used by those who source this file

PACKAGES_TO_BUILD=(gcc libc6-dev cmake ninja-build pkg-config libhwloc-dev libjansson-dev
    libhttp-parser-dev git)
PACKAGES_TO_DRAW=(gnuplot-nox fonts-liberation)
PACKAGES_TO_TEST=(check valgrind binutils gdb procps clang libclang-rt-dev clang-format clang-tidy
    shellcheck spin qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross wrk golang-go
    jq python3 python3-scipy libbenchmark-tools hyperfine cmark-gfm doxygen)

EXIT_UNAVAILABLE=69 # EX_UNAVAILABLE of sysexits.h

packages_missing() {
    local package
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' ||
            echo "$package"
    done
}

# Runs apt-get as root: as we are, or through sudo if that asks no password.
packages_install() {
    local root=()
    [ "$(id -u)" -eq 0 ] || root=(sudo -n)
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq update &&
        "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get -qq install -y --no-install-recommends "$@"
}

packages_may_install() {
    [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null
}

# packages_ensure PACKAGE...: installs what is missing, or says what to do and exits.
packages_ensure() {
    local missing output
    if ! command -v dpkg-query >/dev/null; then
        echo "This is not Debian: install what these packages hold, then build with cmake: $*" >&2
        exit $EXIT_UNAVAILABLE
    fi
    mapfile -t missing < <(packages_missing "$@")
    [ "${#missing[@]}" -gt 0 ] || return 0
    if ! packages_may_install; then
        echo "Missing packages. Please run: sudo apt-get install -y ${missing[*]}" >&2
        exit $EXIT_UNAVAILABLE
    fi
    echo "installing ${missing[*]}"
    if ! output=$(packages_install "${missing[@]}" 2>&1); then
        echo "$output" >&2
        echo "apt-get failed. Please run: apt-get install -y ${missing[*]}" >&2
        exit $EXIT_UNAVAILABLE
    fi
}
