# How much memory do N parked tasks hold?
NAME = "how_much_memory_do_n_tasks_hold"
load "style.gp"

set logscale xy
eval "set xtics ".COUNT_TICS
eval "set ytics ".BYTE_TICS
set xlabel "N, parked tasks" tc rgb GREY
set ylabel "RSS + page tables + kernel stacks + slab" tc rgb GREY

do for [KIND in OUTPUTS] {
    eval "set terminal ".terminal(KIND)
    set output NAME.".".KIND.SUFFIX
    plot \
        for [i=1:has("fit")] DATA index "fit" using 1:2:3 with lines lc variable dt 2 lw 1.2, \
        for [i=1:has("failures")] DATA index "failures" using 1:(TOP) with impulses lc rgb RULE dt 3 lw 1, \
        for [i=1:has("green")] DATA index "green" using 1:2:3:4 with yerrorbars lt 1, \
        for [i=1:has("pthread")] DATA index "pthread" using 1:2:3:4 with yerrorbars lt 2, \
        for [i=1:has("labels")] DATA index "labels" using ($6 > 0 ? $1 : LEFT / 10):2:3 with labels left offset 1.2,0.6, \
        for [i=1:has("labels")] DATA index "labels" using ($6 < 0 ? $1 : LEFT / 10):2:3 with labels right offset -1.2,2.0, \
        for [i=1:has("labels")] DATA index "labels" using ($6 > 0 ? $1 : LEFT / 10):2:4 with labels left offset 1.2,-0.5 font ",11", \
        for [i=1:has("labels")] DATA index "labels" using ($6 < 0 ? $1 : LEFT / 10):2:4 with labels right offset -1.2,0.9 font ",11", \
        for [i=1:has("labels")] DATA index "labels" using ($6 > 0 ? $1 : LEFT / 10):2:5 with labels left offset 1.2,-1.5 tc rgb GREY font ",9", \
        for [i=1:has("labels")] DATA index "labels" using ($6 < 0 ? $1 : LEFT / 10):2:5 with labels right offset -1.2,-0.1 tc rgb GREY font ",9", \
        for [i=1:has("failures")] DATA index "failures" using 1:2 with points pt 2 ps 1.6 lw 2.5 lc rgb THREADS, \
        for [i=1:LEFTS > 0] DATA index "failures" using ($3 < 0 ? $1 : NaN):2:4 with labels right offset -1.5,0 tc rgb THREADS font ",9", \
        for [i=1:RIGHTS > 0] DATA index "failures" using ($3 > 0 ? $1 : NaN):2:4 with labels left offset 1.5,0 tc rgb THREADS font ",9"
    unset output
}
