# expect.sh - sourced by tests of the command line: runs $switchyard, counts what is not as it
# should be in $failures, and leaves what was printed in $output.
# shellcheck shell=bash disable=SC2154 # the test sets switchyard
failures=0
output=

# expect STATUS TEXT ARGUMENT...: the status, and the text in what is printed
expect() {
    local wanted=$1 text=$2 status
    shift 2
    output=$("$switchyard" "$@" 2>&1)
    status=$?
    if [ "$status" -ne "$wanted" ] || [[ $output != *"$text"* ]]; then
        echo "switchyard $*: status $status, wanted $wanted and \"$text\"; it printed:"
        echo "$output"
        failures=$((failures + 1))
    fi
}
