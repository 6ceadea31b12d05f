# How many requests does a server with a task for each connection answer, and how long do the
# slowest take?
NAME = "how_many_requests_does_a_server_answer"
load "style.gp"

set logscale xy
eval "set xtics ".COUNT_TICS
set xlabel "connections" tc rgb GREY
R_LEFT = 1; R_RIGHT = 10; R_BOTTOM = 1; R_TOP = 10
set table $right
plot DATA index "right" using (R_LEFT = column(1), R_RIGHT = column(2), R_BOTTOM = column(3), R_TOP = column(4), 0):(0)
unset table

do for [KIND in OUTPUTS] {
    eval "set terminal ".terminal(KIND)
    set output NAME.".".KIND.SUFFIX
    eval HEADINGS
    set multiplot
    set lmargin at screen 0.09
    set rmargin at screen 0.53
    set xrange [LEFT:RIGHT]
    set yrange [BOTTOM:TOP]
    eval "set ytics ".FINE_TICS
    set ylabel "requests a second" tc rgb GREY
    plot \
        for [i=1:has("failures")] DATA index "failures" using 1:(TOP) with impulses lc rgb RULE dt 3 lw 1, \
        for [i=1:has("raw")] DATA index "raw" using 1:2 with lines lt 3 dt 2, \
        for [i=1:has("green")] DATA index "green" using 1:2 with lines lt 1, \
        for [i=1:has("pthread")] DATA index "pthread" using 1:2 with lines lt 2, \
        for [i=1:has("raw")] DATA index "raw" using 1:2:3:4 with yerrorbars lt 3, \
        for [i=1:has("green")] DATA index "green" using 1:2:3:4 with yerrorbars lt 1, \
        for [i=1:has("pthread")] DATA index "pthread" using 1:2:3:4 with yerrorbars lt 2, \
        for [i=1:has("labels")] DATA index "labels" using 1:2:3 with labels left offset 1.2,0 font ",10", \
        for [i=1:has("failures")] DATA index "failures" using 1:2 with points pt 2 ps 1.6 lw 2.5 lc rgb THREADS, \
        for [i=1:LEFTS > 0] DATA index "failures" using ($3 < 0 ? $1 : NaN):2:4 with labels right offset -1.5,0 tc rgb THREADS font ",9", \
        for [i=1:RIGHTS > 0] DATA index "failures" using ($3 > 0 ? $1 : NaN):2:4 with labels left offset 1.5,0 tc rgb THREADS font ",9"
    do for [I = 901:906] { unset label I }
    set lmargin at screen 0.64
    set rmargin at screen 0.97
    set xrange [R_LEFT:R_RIGHT]
    set yrange [R_BOTTOM:R_TOP]
    eval "set ytics ".NS_TICS
    set ylabel "99 % of the requests are faster than" tc rgb GREY
    plot \
        for [i=1:has("raw_tail")] DATA index "raw_tail" using 1:2 with linespoints lt 3 dt 2, \
        for [i=1:has("green_tail")] DATA index "green_tail" using 1:2 with linespoints lt 1, \
        for [i=1:has("pthread_tail")] DATA index "pthread_tail" using 1:2 with linespoints lt 2, \
        for [i=1:has("tail_labels")] DATA index "tail_labels" using 1:2:3 with labels left offset 1.2,0 font ",10"
    unset multiplot
    unset output
}
