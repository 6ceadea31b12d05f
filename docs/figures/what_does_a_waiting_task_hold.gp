# What does a task hold that has waited for long?
NAME = "what_does_a_waiting_task_hold"
load "style.gp"

set logscale x
eval "set xtics ".BYTE_TICS
unset ytics
set border 1
set lmargin at screen 0.05
set grid x
set xlabel "bytes per waiting task" tc rgb GREY

do for [KIND in OUTPUTS] {
    eval "set terminal ".terminal(KIND)
    set output NAME.".".KIND.SUFFIX
    plot \
        DATA index "points" using 1:4:2:3:5 with xerrorbars lc variable pt 7 ps 1.2, \
        DATA index "points" using (LEFT * 1.1):($4 + 0.35):6 with labels left font ",11"
    unset output
}
