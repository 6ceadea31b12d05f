# Does the memory of deep recursion come back?
NAME = "does_deep_memory_come_back"
load "style.gp"

set logscale y
eval "set ytics ".BYTE_TICS
set xtics ("before" 0, "deep" 1, "0 ms" 2, "100 ms" 3, "300 ms" 4, "1 s" 5, "2 s" 6)
set xlabel "time after the last task came up" tc rgb GREY
set ylabel "resident memory of the process" tc rgb GREY

do for [KIND in OUTPUTS] {
    eval "set terminal ".terminal(KIND)
    set output NAME.".".KIND.SUFFIX
    plot \
        for [i=1:has("green")] DATA index "green" using 1:2:3:4 with yerrorlines lt 1, \
        for [i=1:has("pthread")] DATA index "pthread" using 1:2:3:4 with yerrorlines lt 2, \
        for [i=1:has("labels")] DATA index "labels" using 1:2:3 with labels left offset 1,0 font ",10"
    unset output
}
