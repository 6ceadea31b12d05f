# How many times what a green thread costs does an OS thread cost?
NAME = "how_many_times_dearer_are_threads"
load "style.gp"

set logscale x 2
set xtics ("1/256" 1/256., "1/64" 1/64., "1/16" 1/16., "1/4" 1/4., "1" 1, "4" 4, "16" 16, "64" 64, "256" 256, "1,024" 1024, "4,096" 4096, "16,384" 16384, "65,536" 65536, "262,144" 262144)
unset ytics
set border 1
set lmargin at screen 0.31
set rmargin at screen 0.74
set grid x
set xlabel "← OS threads cheaper      cost of OS threads / cost of green threads      green threads cheaper →" tc rgb GREY
set arrow 1 from 1, BOTTOM to 1, TOP nohead lc rgb "black" lw 1.5
set label 1 "ratio" at screen 0.805, top(HEAD - 4) right tc rgb GREY
set label 2 "green : OS threads" at screen 0.83, top(HEAD - 4) left tc rgb GREY
# The columns of text stand beside the axis: positions on the axis that lie outside of it.
beside(share) = LEFT * (RIGHT / LEFT) ** share

do for [KIND in OUTPUTS] {
    eval "set terminal ".terminal(KIND)
    set output NAME.".".KIND
    set clip points
    plot \
        for [i=1:has("undecided")] DATA index "undecided" using 2:1:3:4 with xerrorbars lc rgb GREY pt 13 ps 1.1 lw 1.5, \
        for [i=1:has("threads_cheaper")] DATA index "threads_cheaper" using 2:1:3:4 with xerrorbars lt 2, \
        for [i=1:has("green_cheaper")] DATA index "green_cheaper" using 2:1:3:4 with xerrorbars lt 1, \
        for [i=1:has("labels")] DATA index "labels" using (LEFT):1:2 with labels right offset -1,0 font ",10", \
        for [i=1:has("labels")] DATA index "labels" using (beside(1.15)):1:3 with labels right font ",10", \
        for [i=1:has("labels")] DATA index "labels" using (beside(1.21)):1:4 with labels left tc rgb GREY font ",10"
    unset output
}
