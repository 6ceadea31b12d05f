# What does it cost to create a task and join it, when N are alive at once, and where does it end?
NAME = "what_does_it_cost_to_create_n_tasks"
load "style.gp"

set logscale xy
eval "set xtics ".COUNT_TICS
eval "set ytics ".NS_TICS
set xlabel "N, tasks alive at once" tc rgb GREY
set ylabel "create + join, per task" tc rgb GREY

do for [KIND in OUTPUTS] {
    eval "set terminal ".terminal(KIND)
    set output NAME.".".KIND.SUFFIX
    plot \
        for [i=1:has("failures")] DATA index "failures" using 1:(TOP) with impulses lc rgb RULE dt 3 lw 1, \
        for [i=1:has("cold_green")] DATA index "cold_green" using 1:2 with linespoints lt 1 dt 2 lw 1.2 pt 6, \
        for [i=1:has("cold_pthread")] DATA index "cold_pthread" using 1:2 with linespoints lt 2 dt 2 lw 1.2 pt 4, \
        for [i=1:has("green")] DATA index "green" using 1:2 with lines lt 1, \
        for [i=1:has("pthread")] DATA index "pthread" using 1:2 with lines lt 2, \
        for [i=1:has("green")] DATA index "green" using 1:2:3:4 with yerrorbars lt 1, \
        for [i=1:has("pthread")] DATA index "pthread" using 1:2:3:4 with yerrorbars lt 2, \
        for [i=1:has("labels")] DATA index "labels" using 1:2:3 with labels left offset 1.2,0, \
        for [i=1:has("failures")] DATA index "failures" using 1:2 with points pt 2 ps 1.6 lw 2.5 lc rgb THREADS, \
        for [i=1:LEFTS > 0] DATA index "failures" using ($3 < 0 ? $1 : NaN):2:4 with labels right offset -1.5,0 tc rgb THREADS font ",9", \
        for [i=1:RIGHTS > 0] DATA index "failures" using ($3 > 0 ? $1 : NaN):2:4 with labels left offset 1.5,0 tc rgb THREADS font ",9"
    unset output
}
