# switchyard.bash - completion for bash: source this file, or copy it to
# ~/.local/share/bash-completion/completions/switchyard
#
# Commands and options come from --help, workloads and their parameters from `switchyard list`, so
# they are those of the program that is being completed.
# shellcheck shell=bash

# The long options of a command, one a line.
_switchyard_options() {
    "$1" "$2" --help 2>/dev/null | grep -oE '(^ +|, )--[a-z-]+' | grep -oE -- '--[a-z-]+'
}

# Does the option of the command take a value of its own?
_switchyard_takes_value() {
    case $3 in
    --*) "$1" "$2" --help 2>/dev/null | grep -qE -- "(^ +|, )$3=" ;;
    -?) "$1" "$2" --help 2>/dev/null | grep -qE -- "^ +$3, --[a-z-]+=" ;;
    *) return 1 ;;
    esac
}

# What the list says of workloads: their names, or the parameters of one ("" for all).
_switchyard_workloads() {
    "$1" list 2>/dev/null | grep -oE '^[a-z][a-zA-Z0-9._]*'
}

_switchyard_params() {
    "$1" list 2>/dev/null | awk -v workload="$2" '
        /^[^ ]/ { wanted = workload == "" || $1 == workload }
        /^    / && wanted { sub(/=.*/, "="); print $1 }' | sort -u
}

# The workload that the command line names so far: of --workload, or the argument of trace.
_switchyard_chosen() {
    local i
    for ((i = 2; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i - 1]} in
        --workload | -w)
            echo "${COMP_WORDS[i]}"
            return
            ;;
        esac
    done
    [ "${COMP_WORDS[1]}" = trace ] || return
    for ((i = 2; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        -*) ;;
        *.*)
            echo "${COMP_WORDS[i]}"
            return
            ;;
        esac
    done
}

# The values of an option; status 1 for one whose value is a file.
_switchyard_values() {
    case $2 in
    --workload | -w) _switchyard_workloads "$1" ;;
    --param | -p) _switchyard_params "$1" "$(_switchyard_chosen)" ;;
    --backend | -b) printf 'green\npthread\n' ;;
    --format | -f)
        [ "${COMP_WORDS[1]}" != export ] && return 1
        printf 'gbench\ngithub\nbmf\ngobench\ncsv\nmarkdown\nhyperfine\n'
        ;;
    --tune)
        printf '%s\n' none \
            norunnext nosteal nospin nonearest nohandoff nobias nofpsave nostackcache \
            nopreemptcall nopreemptprologue nopreemptsignal nogiveback nopatience
        ;;
    --out | -o | --output | --resume | --green | --pthread | --figures) return 1 ;;
    *) ;; # numbers
    esac
}

_switchyard_fill() {
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
    case ${COMPREPLY[0]:-} in
    *=) compopt -o nospace 2>/dev/null ;; # the value follows at once
    esac
}

_switchyard() {
    local program=${COMP_WORDS[0]} command=${COMP_WORDS[1]} word=${COMP_WORDS[COMP_CWORD]}
    local before=${COMP_WORDS[COMP_CWORD - 1]} values
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        values=$("$program" --help 2>/dev/null | sed -nE 's/^  ([a-z]+) +[^ ].*/\1/p' |
            grep -v '^switchyard$')
        _switchyard_fill "$values --help" "$word"
        return
    fi
    if [ "$word" = = ]; then # bash splits at "="
        word=
    elif [ "$before" = = ] && [ "$COMP_CWORD" -gt 3 ]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    if _switchyard_takes_value "$program" "$command" "$before"; then
        if values=$(_switchyard_values "$program" "$before"); then
            _switchyard_fill "$values" "$word"
        else
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
        fi
    elif [[ $word == -* ]]; then
        _switchyard_fill "$(_switchyard_options "$program" "$command")" "$word"
    elif [ "$command" = trace ]; then
        _switchyard_fill "$(_switchyard_workloads "$program")" "$word"
    else
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
    fi
}

complete -o filenames -F _switchyard switchyard
