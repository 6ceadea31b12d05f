# How often is a hop slow?
NAME = "how_often_is_a_hop_slow"
load "style.gp"

set logscale xy
eval "set xtics ".NS_TICS
eval "set ytics ".COUNT_TICS
set xlabel "latency of one hop" tc rgb GREY
set ylabel "hops" tc rgb GREY

do for [KIND in OUTPUTS] {
    eval "set terminal ".terminal(KIND)
    set output NAME.".".KIND.SUFFIX
    plot \
        DATA index "shapes" using 1:2:3 with lines lc variable lw 1.6, \
        DATA index "shapes" using 1:2:(4 + 2 * $4):3 with points pt variable lc variable ps 0.6, \
        DATA index "labels" using ($1 * 1.25):2:(4 + 2 * ($0 + 1)):3 with points pt variable lc variable ps 0.6, \
        DATA index "labels" using ($1 * 1.25):2:4:3 with labels left offset 1,0 tc variable font ",10"
    unset output
}
