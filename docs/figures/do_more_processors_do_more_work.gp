# Do tasks that only compute get done faster on more processors?
NAME = "do_more_processors_do_more_work"
load "style.gp"

set xtics 1
set ytics 1
set mytics 2
set xlabel "processors" tc rgb GREY
set ylabel "speed-up over one processor" tc rgb GREY

do for [KIND in OUTPUTS] {
    eval "set terminal ".terminal(KIND)
    set output NAME.".".KIND.SUFFIX
    plot \
        DATA index "ideal" using 1:2 with lines lc rgb GREY dt 2 lw 1.2, \
        for [i=1:has("green")] DATA index "green" using 1:2 with lines lt 1, \
        for [i=1:has("pthread")] DATA index "pthread" using 1:2 with lines lt 2, \
        for [i=1:has("green")] DATA index "green" using 1:2:3:4 with yerrorbars lt 1, \
        for [i=1:has("pthread")] DATA index "pthread" using 1:2:3:4 with yerrorbars lt 2, \
        for [i=1:has("labels")] DATA index "labels" using 1:2:3 with labels left offset 1.2,0
    unset output
}
