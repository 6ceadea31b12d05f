# How late does a task wake that sleeps until a given moment?
NAME = "how_late_does_a_sleeper_wake"
load "style.gp"

set logscale y
eval "set ytics ".NS_TICS
set xtics ("0 %%" 0, "50 %%" 0.30103, "90 %%" 1, "99 %%" 2, "99.9 %%" 3, "99.99 %%" 4, "99.999 %%" 5, "99.9999 %%" 6, "99.99999 %%" 7)
set xlabel "share of sleepers that were at most this late" tc rgb GREY
set ylabel "lateness" tc rgb GREY

do for [KIND in OUTPUTS] {
    eval "set terminal ".terminal(KIND)
    set output NAME.".".KIND.SUFFIX
    plot \
        DATA index "curves" using 1:2:3 with lines lc variable lw 1.6, \
        for [i=1:has("marks")] DATA index "marks" using 1:2:(4 + 2 * $4):3 with points pt variable lc variable ps 1, \
        for [i=1:has("labels")] DATA index "labels" using 1:2:4:3 with labels left offset 1,0 tc variable font ",10"
    unset output
}
