# trials.sh - sourced by the must_reach scripts: runs a worker and reads its JSON.
# shellcheck shell=bash

# run COMMAND...: the worker's JSON in one line; ends the script if the trial did not do its work.
run() {
    local json
    json=$("$@" | tr -d ' \n')
    case $json in
    *'"status":"ok"'*) echo "$json" ;;
    *)
        echo "failed: $*" >&2
        exit 1
        ;;
    esac
}

# The median of a metric's samples in the JSON on stdin.
median_of() {
    sed "s/.*\"name\":\"$1\",\"unit\":\"[^\"]*\",\"samples\":\[\([^]]*\)\].*/\1/" |
        tr ',' '\n' | sort -g | awk '{value[NR] = $1} END {print value[int((NR + 1) / 2)]}'
}

# The p-th percentile (0 ... 100) of a metric's histogram in the JSON on stdin.
percentile_of() {
    sed "s/.*\"name\":\"$1\",\"unit\":\"[^\"]*\",\"histogram\":\[\(\[[^a-z]*\]\)\].*/\1/" |
        sed 's/\],\[/\n/g; s/[][]//g' |
        awk -F, -v p="$2" '{value[NR] = $1; count[NR] = $2; all += $2}
            END {for (i = 1; i <= NR; i++) {
                sum += count[i]
                if (sum >= p / 100 * all) {print value[i]; exit}
            }}'
}

# The median of the numbers on stdin, a line each.
median() {
    sort -g | awk '{value[NR] = $1} END {print value[int((NR + 1) / 2)]}'
}
