# How long can a task that never waits keep the others from running?
NAME = "how_long_can_a_task_keep_the_processor"
load "style.gp"

set logscale x
eval "set xtics ".NS_TICS
unset ytics
set border 1
set lmargin at screen 0.02
set grid x
set xlabel "how late a task wakes up" tc rgb GREY

do for [KIND in OUTPUTS] {
    eval "set terminal ".terminal(KIND)
    set output NAME.".".KIND.SUFFIX
    plot \
        DATA index "runs" using 1:3:($2 - $1):(0):4 with vectors nohead lc variable lw 2, \
        DATA index "runs" using 2:3:4 with points pt 7 ps 0.9 lc variable, \
        DATA index "runs" using 2:3:5:4 with labels left offset 1,0 tc variable font ",9", \
        DATA index "names" using 1:2:3 with labels left offset 1,0 tc rgb GREY font ",10", \
        DATA index "labels" using 1:2:3 with labels left font ",11"
    unset output
}
