# How much work is left when part of it blocks in the kernel?
NAME = "how_much_work_is_left_beside_blocking_calls"
load "style.gp"

set logscale y
set xtics ("0 %%" 0, "10 %%" 10, "25 %%" 25, "50 %%" 50, "75 %%" 75, "100 %%" 100)
eval "set ytics ".FINE_TICS
set xlabel "share of the operations that are blocking calls" tc rgb GREY
set ylabel "operations a second" tc rgb GREY

do for [KIND in OUTPUTS] {
    eval "set terminal ".terminal(KIND)
    set output NAME.".".KIND.SUFFIX
    plot \
        for [i=1:has("green")] DATA index "green" using 1:2 with lines lt 1, \
        for [i=1:has("pthread")] DATA index "pthread" using 1:2 with lines lt 2, \
        for [i=1:has("green")] DATA index "green" using 1:2:3:4 with yerrorbars lt 1, \
        for [i=1:has("pthread")] DATA index "pthread" using 1:2:3:4 with yerrorbars lt 2, \
        for [i=1:has("labels")] DATA index "labels" using 1:2:3 with labels left offset 1.2,0
    unset output
}
