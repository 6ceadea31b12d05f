#!/bin/sh
# commands.sh SWITCHYARD TESTS PLOTS - `switchyard plot` and `report` as a user runs them.
#
# Goal: the same results give the same bytes; nothing in a results file or in a file name is ever
# run or interpreted; what goes wrong gives one line and the right exit status.
# Method: golden.json (made-up numbers) and changed copies of it, in a fresh folder.
# shellcheck disable=SC2016 # what looks like an expansion here must not be one
set -u

switchyard=$1
golden=$2/golden.json
scripts=$3
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0

fail() {
    echo "FAIL: $*" >&2
    failures=$((failures + 1))
}

# expect STATUS WHAT COMMAND...: exit status; when not 0, exactly one line on stderr (usage errors
# of argp add a hint).
expect() {
    status=$1
    what=$2
    shift 2
    "$@" >out 2>err
    found=$?
    [ "$found" -eq "$status" ] || fail "$what: exit status $found instead of $status: $(cat err)"
    if [ "$status" -eq 1 ] && [ "$(wc -l <err)" -ne 1 ]; then
        fail "$what: not one line on stderr: $(cat err)"
    fi
}

cp "$golden" r.json

# The same bytes, twice, and a third time by gnuplot alone.
expect 0 "plot" "$switchyard" plot r.json
expect 0 "plot again" "$switchyard" plot r.json --out again
cmp -s r.json "$golden" || fail "plot changed the results"
diff -r figures again >differences || fail "a second drawing differs: $(cat differences)"
[ "$(find figures -name '*.svg' | wc -l)" -eq 7 ] || fail "not seven SVGs: $(ls figures)"
[ "$(find figures -name '*.png' | wc -l)" -eq 7 ] || fail "not seven PNGs: $(ls figures)"
[ "$(find figures -type f | wc -l)" -eq 29 ] || fail "not 7 x 4 files and style: $(ls figures)"
for svg in figures/*.svg; do
    name=$(basename "$svg" .svg)
    (cd again && gnuplot --default-settings "$name.gp" >/dev/null 2>&1) ||
        fail "$name.gp alone fails"
    cmp -s "figures/$name.png" "again/$name.png" || fail "$name.gp alone draws something else"
    grep -q '<title>Gnuplot</title>' "$svg" && fail "$name.svg has no title of its own"
    grep -q '<desc>..*</desc>' "$svg" || fail "$name.svg has no description"
done

# A block that style.gp does not look for is never drawn.
grep -oh 'has("[a-z_]*")' "$scripts"/*.gp | sed 's/has("//; s/")//' | sort -u >asked
grep '^BLOCKS' "$scripts/style.gp" | grep -oE '[a-z_]+' | sort -u >known
unknown=$(comm -23 asked known)
if [ ! -s asked ] || [ -n "$unknown" ]; then
    fail "style.gp does not know $unknown"
fi

# With a timeline beside the results there are its figures, too.
mkdir io
cp "$2/io/golden.json" io/r.json
cp "$2/io/trace.json" io/trace.json
expect 0 "plot with a timeline" "$switchyard" plot io/r.json
for name in how_do_green_tasks_share_the_workers how_do_os_threads_share_the_processors \
    how_many_requests_does_a_server_answer how_much_work_is_left_beside_blocking_calls \
    how_late_does_a_sleeper_wake do_more_processors_do_more_work; do
    for kind in svg png dat gp; do
        [ -s "io/figures/$name.$kind" ] || fail "$name.$kind is not drawn"
    done
done
mkdir programs
cp "$2/programs/golden.json" programs/r.json
expect 0 "plot of programs" "$switchyard" plot programs/r.json
for kind in svg png dat gp; do
    [ -s "programs/figures/where_do_os_threads_win.$kind" ] || fail "where_do_os_threads_win.$kind"
done
rm -r programs
mkdir memory
cp "$2/memory/golden.json" memory/r.json
expect 0 "plot of memory" "$switchyard" plot memory/r.json
for name in what_does_a_waiting_task_hold does_deep_memory_come_back; do
    for kind in svg png dat gp; do
        [ -s "memory/figures/$name.$kind" ] || fail "$name.$kind is not drawn"
    done
done
rm -r memory
expect 0 "report with a timeline" "$switchyard" report io/r.json
grep -q '](<figures/how_do_green_tasks_share_the_workers.svg>)' io/report.md ||
    fail "report: no timeline"
for bad in '' '[' '{}' '[]' '[{"ph":"M"}]' '[{"args":{"about":{"schema":"other"}}}]'; do
    echo "$bad" >io/trace.json
    expect 2 "plot with a bad timeline" "$switchyard" plot io/r.json
    [ "$(wc -l <err)" -eq 1 ] || fail "bad timeline: not one line: $(cat err)"
done
rm -r io

# A switch: its figure, its claim, its listing.
mkdir switch
cp "$2/switch/golden.json" switch/r.json
expect 0 "plot of a switch" "$switchyard" plot switch/r.json
for name in what_is_a_switch_made_of what_is_each_technique_worth how_often_is_a_hop_slow \
    when_are_hops_slow which_cpus_are_near_each_other; do
    for kind in svg png dat gp; do
        [ -s "switch/figures/$name.$kind" ] || fail "$name.$kind is not drawn"
    done
done
expect 0 "report of a switch" "$switchyard" report switch/r.json
grep -q '^| C4 .*sy\\_switch saves 3: rip, rbp, rsp; 6 instructions.*\*holds\*' switch/report.md ||
    fail "report: no verdict on what a switch saves"
grep -q '^push %rbp  *saves rbp$' switch/report.md || fail "report: no listing of the switch"
grep -q "^nop 'x'$" switch/report.md || fail "report: an instruction may end the listing"
grep -q '^No mistake was made beside these results' switch/report.md ||
    fail "report: no word on mistakes"
grep -q '^| Two ways to jump back cost the same | the same swap takes 3.00 ns .* 9.00 ns' \
    switch/report.md || fail "report: the swap by return does not surprise"
cat >switch/wrong.json <<'END'
{"schema": "switchyard-wrong/1", "context": {}, "lessons": [
 {"kind": "rss", "unit": "B", "problem": null, "right": [[10, 10], [100, 100]],
  "wrong": [[10, 10], [20, 20]]},
 {"kind": "cold", "unit": "", "problem": "no `time`", "right": [[], []], "wrong": [[], []]}]}
END
expect 0 "report of mistakes" "$switchyard" report switch/r.json
grep -q '^| \*\*rss\.\*\* .* OS threads at 0.200× of what they cost' switch/report.md ||
    fail "report: a mistake is missing: $(grep rss switch/report.md)"
grep -q '^| \*\*cold\.\*\* .*not measured: no \\`time\\` |$' switch/report.md ||
    fail "report: a mistake that failed: $(grep cold switch/report.md)"
# Made for real: both ways, both back ends, a file that the report takes.
export SWITCHYARD_LOCK="$work/lock"
expect 0 "a mistake" "$switchyard" run --wrong cold --trials 2 --out switch/wrong.json
grep -q '^  right .*×' out || fail "a mistake: no right way: $(cat out)"
grep -q '^  -> ' out || fail "a mistake: no conclusion: $(cat out)"
expect 0 "report of a mistake" "$switchyard" report switch/r.json
grep -q '^| \*\*cold\.\*\* .*2 processes each' switch/report.md || fail "report: no mistake"
expect 0 "plan of mistakes" "$switchyard" run --wrong all --dry-run
[ "$(wc -l <out)" -eq 5 ] || fail "plan of mistakes: $(cat out)"
expect 2 "an unknown mistake" "$switchyard" run --wrong right
expect 2 "a mistake in an experiment" "$switchyard" run --wrong cold --quick
expect 2 "a mistake of one back end" "$switchyard" run --wrong cold --backend green
for bad in '' '[]' '{}'; do
    echo "$bad" >switch/wrong.json
    expect 2 "report of bad mistakes" "$switchyard" report switch/r.json
    [ "$(wc -l <err)" -eq 1 ] || fail "bad mistakes: not one line: $(cat err)"
done
rm -r switch

# The report: the same bytes, every claim, no link into nowhere.
expect 0 "report" "$switchyard" report r.json
cp report.md first.md
expect 0 "report again" "$switchyard" report r.json
cmp -s first.md report.md || fail "a second report differs"
for number in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
    [ "$(grep -c "^| C$number |" report.md)" -eq 1 ] || fail "report: no row for C$number"
done
[ "$(grep -c '](<' report.md)" -eq 7 ] || fail "report: not seven figures"
sed -n 's/.*](<\(.*\)>)$/\1/p' report.md >links
while read -r link; do
    [ -f "$link" ] || fail "report: $link does not exist"
done <links
for surprise in 'RSS tells what a thread costs | .* 35,000 B, and its RSS shows 8,000 B' \
    'Memory is what stops the next thread | task 5001 was refused: EAGAIN' \
    'The median tells how long .* 30\.0 ns, but one in a thousand more than 5\.00 µs' \
    'Each creation costs as much as the first | .* 500 ns .* 45\.0 ns'; do
    grep -q "^| $surprise" report.md || fail "report: does not surprise: $surprise"
done
[ "$(sed -n '/^## What surprised/,/^## What a meas/p' report.md | grep -c '^| ')" -eq 5 ] ||
    fail "report: not four surprises and their head"
grep -q 'EAGAIN (pids.max is 5000)' report.md || fail "report: the failed cell has no reason"
mkdir docs
expect 0 "report elsewhere" "$switchyard" report r.json --out docs/REPORT.md
grep -q '](<../figures/' docs/REPORT.md || fail "report elsewhere: links do not lead to the figures"

# Hostile strings in the results, in the file's name and in the folder's.
hostile='`touch pwned` $(touch pwned) \\"; system(\\"touch pwned\\") # @pwned %s %n'
hostile=$hostile' {\/Symbol a}^2_3 \\n <b>\&amp;| \\\\ \\t \\u0001 .. '"'"
mkdir 'h "$(touch pwned)`touch pwned`'
cd 'h "$(touch pwned)`touch pwned`' || exit 1
nasty='r";system("touch pwned");`touch pwned`$(touch pwned)@x{y}_z.json'
sed -e "s/Made-up processor/$hostile/; s/(pids.max is 5000)/$hostile/" \
    -e "s/switch\\.yield/switch.$hostile/" "$golden" >"$nasty"
expect 0 "plot of hostile results" "$switchyard" plot "$nasty"
expect 0 "report of hostile results" "$switchyard" report "$nasty"
cd "$work" || exit 1
[ -z "$(find . -name 'pwned*')" ] || fail "a string from the results was run"
for script in "$scripts"/*.gp; do
    drawn=$(echo h*/figures)/$(basename "$script")
    if [ -f "$drawn" ] && ! cmp -s "$script" "$drawn"; then
        fail "$(basename "$script") was changed by the results"
    fi
done
grep -q '<text.*>.*{/Symbol a}^2_3' h*/figures/what_does_it_cost_to_create_n_tasks.svg ||
    fail "a string was drawn as markup"
grep -q '<b>' h*/figures/*.svg h*/report.md && fail "a string is markup in a figure or report"
[ "$(grep -c '^| C5 |' h*/report.md)" -eq 1 ] || fail "a string broke the table of claims"

# No gnuplot: one line, status 1, the data and the results stay.
mkdir empty
expect 1 "no gnuplot" env PATH="$work/empty" "$switchyard" plot r.json --out without
grep -q 'gnuplot is not installed' err || fail "no gnuplot: $(cat err)"
[ "$(find without -name '*.dat' | wc -l)" -eq 7 ] || fail "no gnuplot: not all data: $(ls without)"
[ -e without/gnuplot.messages ] && fail "no gnuplot: a scratch file stays"
cmp -s r.json "$golden" || fail "no gnuplot: the results are gone"

# A gnuplot that fails leaves no half figure.
mkdir broken
cat >broken/gnuplot <<'END'
#!/bin/sh
for script; do name=${script%.gp}; done
echo "half" >"$name.svg.part"
echo "out of ink" >&2
exit 3
END
chmod +x broken/gnuplot
expect 1 "broken gnuplot" env PATH="$work/broken:$PATH" "$switchyard" plot r.json --out half
grep -q 'out of ink' err || fail "broken gnuplot: its words are lost: $(cat err)"
[ -z "$(find half -name '*.svg*' -o -name '*.png*')" ] || fail "broken gnuplot: half a figure stays"

# Where the scripts are.
cp -r "$scripts" other
expect 0 "SWITCHYARD_PLOTS" env SWITCHYARD_PLOTS="$work/other" "$switchyard" plot r.json --out o
expect 1 "SWITCHYARD_PLOTS into nowhere" env SWITCHYARD_PLOTS=/no/such "$switchyard" plot r.json

# Folders that cannot be written, files that cannot be read, wrong usage.
: >file
expect 1 "plot below a file" "$switchyard" plot r.json --out file/figures
expect 1 "report into no folder" "$switchyard" report r.json --out no/such/report.md
for command in plot report; do
    expect 2 "$command without results" "$switchyard" $command
    expect 2 "$command of two files" "$switchyard" $command r.json r.json
    expect 2 "$command of a missing file" "$switchyard" $command missing.json
    head -c 1000 r.json >cut.json
    expect 2 "$command of a cut file" "$switchyard" $command cut.json
done

# What is no regular file is never replaced; a link is followed.
mkfifo fifo
: >behind.md
ln -s behind.md link.md
ln -s not-yet.md dangling.md
expect 2 "report into a FIFO" "$switchyard" report r.json -o fifo
grep -q 'fifo: is not a regular file' err || fail "report into a FIFO: $(cat err)"
[ "$(wc -l <err)" -eq 1 ] || fail "report into a FIFO: not one line: $(cat err)"
[ -p fifo ] || fail "the report replaced a FIFO"
expect 2 "report into a folder" "$switchyard" report r.json -o empty
expect 0 "report into a link" "$switchyard" report r.json -o link.md
expect 0 "report into a dangling link" "$switchyard" report r.json -o dangling.md
[ -L link.md ] || fail "a link was replaced"
[ -L dangling.md ] || fail "a dangling link was replaced"
cmp -s first.md behind.md || fail "a link was not followed"
cmp -s first.md not-yet.md || fail "a dangling link was not followed"

# Figures of other results are not shown under these numbers; those that are not drawn now go, and
# what is not the program's own stays.
sed 's/Made-up processor/Another processor/' r.json >other.json
expect 0 "plot for the stale" "$switchyard" plot r.json --out stale
expect 0 "report of fresh figures" "$switchyard" report other.json -f again -o stale.md
grep -q '](<' stale.md && fail "report shows the figures of other results"
[ "$(grep -c 'no drawing of these results yet' stale.md)" -eq 7 ] ||
    fail "report does not say that nothing is drawn"
echo mine >stale/mine.svg
sed 's/create\.batch/create.other/' r.json >fewer.json
expect 0 "plot over the stale" "$switchyard" plot fewer.json --out stale
grep -q '^not drawn  what_does_it_cost' out || fail "fewer: $(cat out)"
find stale -name 'what_does_it_cost*' | grep -q . && fail "an old figure stays: $(ls stale)"
[ -f stale/mine.svg ] || fail "plot removed a stranger's file"
[ "$(find stale -name '*.png' | wc -l)" -eq 6 ] || fail "fewer: not six figures: $(ls stale)"

# A full disk behind the output; an interrupted run; who speaks; the root without a name.
for command in list env 'plot r.json' 'report r.json' --help; do
    # shellcheck disable=SC2086 # two words
    "$switchyard" $command >/dev/full 2>err
    [ $? -eq 1 ] || fail "$command into a full disk: not status 1"
    [ "$(wc -l <err)" -eq 1 ] || fail "$command into a full disk: not one line: $(cat err)"
done
sed 's/"complete": true/"complete": false/; s/"kernel":/"planned_trials": 5000, "kernel":/' \
    r.json >interrupted.json
expect 0 "report of an interrupted run" "$switchyard" report interrupted.json -o interrupted.md
grep -q '^The run was interrupted: [0-9]* of 5,000 planned trials' interrupted.md ||
    fail "report of an interrupted run does not say how far it came"
"$switchyard" plot 2>&1 | grep -q '^switchyard plot: ' || fail "plot does not say its name"
echo '[]' >array.json
expect 2 "an array" "$switchyard" report array.json
grep -q '^switchyard report: array.json: line 1 column 1: is not a JSON object' err ||
    fail "an array: $(cat err)"

# The experiments name workloads and parameters that the workers have.
for experiment in quick default; do
    expect 0 "plan of $experiment" "$switchyard" run --$experiment --dry-run
    grep -q '^0 steal.imbalance green .* tune=nosteal' out || fail "$experiment: nothing is tuned"
    grep -q '^0 steal.imbalance pthread .* tune=' out && fail "$experiment: pthread is tuned"
done

# No data for a figure: it says so, and that is no error.
none='{"schema": "switchyard-results/1", "context": {}, "complete": true, "results": []}'
echo "$none" >none.json
expect 0 "plot of nothing" "$switchyard" plot none.json --out nothing
[ "$(grep -c '^not drawn' out)" -eq 21 ] || fail "plot of nothing: $(cat out)"
expect 0 "report of nothing" "$switchyard" report none.json --out none.md
[ "$(grep -c '^Not drawn: ' none.md)" -eq 21 ] || fail "report of nothing has figures"
grep -c '\*not measured yet\* ' none.md >/dev/null || fail "report of nothing has verdicts"
grep -Eq '^\| C[0-9]+ .*\*(holds|does not hold)' none.md && fail "report of nothing has verdicts"

[ "$failures" -eq 0 ] && echo "all fine"
[ "$failures" -eq 0 ]
