# Does a switch get slower when there are more tasks to switch between?
NAME = "do_more_tasks_slow_the_switch"
load "style.gp"

set logscale xy
eval "set xtics ".COUNT_TICS
eval "set ytics ".NS_TICS
set xlabel "tasks in the ring" tc rgb GREY
set ylabel "time per hop" tc rgb GREY

do for [KIND in OUTPUTS] {
    eval "set terminal ".terminal(KIND)
    set output NAME.".".KIND.SUFFIX
    plot \
        for [i=1:has("caches")] DATA index "caches" using 1:(BOTTOM):(0):(TOP - BOTTOM) with vectors nohead lc rgb GREY dt 2 lw 1, \
        for [i=1:has("caches")] DATA index "caches" using 1:(BOTTOM):2 with labels left offset 0.5,0.6 tc rgb GREY font ",9", \
        for [i=1:has("failures")] DATA index "failures" using 1:(TOP) with impulses lc rgb RULE dt 3 lw 1, \
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
