# How many times what a green thread costs does an OS thread cost?
NAME = "how_many_times_dearer_are_threads"
load "style.gp"

set logscale x 2
# Behind the axis there is room for two columns of text: points outside of the range are not drawn,
# so the range is longer than the axis.
set xrange [LEFT:LEFT * (RIGHT / LEFT) ** 1.6]
# And text exactly on the border may count as outside: hence LEFT * 1.001.
beside(share) = LEFT * (RIGHT / LEFT) ** share
TICS = "1/4096 1/1024 1/256 1/64 1/16 1/4 1 4 16 64 256 1,024 4,096 16,384 65,536 262,144"
set xtics ("1" 1)
do for [I = 1:words(TICS)] {
    TIC = 4.0 ** (I - 7)
    if (TIC >= LEFT && TIC <= RIGHT) {
        set xtics add (word(TICS, I) TIC)
    }
}
unset ytics
unset border
set lmargin at screen 0.31
set bmargin at screen bottom(110)
set grid x
set arrow 1 from 1, BOTTOM to 1, TOP nohead lc rgb "black" lw 1.5
set arrow 2 from LEFT, BOTTOM to RIGHT, BOTTOM nohead lc rgb GREY
set label 1 "ratio" at beside(1.17), TOP right tc rgb GREY font ",10" offset 0,0.3
set label 2 "green : OS threads" at beside(1.22), TOP left tc rgb GREY font ",10" offset 0,0.3
set label 3 "← OS threads cheaper" at beside(0), BOTTOM left tc rgb GREY font ",10" offset 0,-3.6
set label 4 "cost of OS threads / cost of green threads (log2)" at beside(0.5), BOTTOM center tc rgb GREY font ",10" offset 0,-2.5
set label 5 "green threads cheaper →" at beside(1), BOTTOM right tc rgb GREY font ",10" offset 0,-3.6

do for [KIND in OUTPUTS] {
    eval "set terminal ".terminal(KIND)
    set output NAME.".".KIND.SUFFIX
    plot \
        for [i=1:has("undecided")] DATA index "undecided" using 2:1:3:4 with xerrorbars lc rgb GREY pt 13 ps 1.1 lw 1.5, \
        for [i=1:has("threads_cheaper")] DATA index "threads_cheaper" using 2:1:3:4 with xerrorbars lt 2, \
        for [i=1:has("green_cheaper")] DATA index "green_cheaper" using 2:1:3:4 with xerrorbars lt 1, \
        for [i=1:has("labels")] DATA index "labels" using (LEFT * 1.001):1:2 with labels right offset -1,0 font ",10", \
        for [i=1:has("labels")] DATA index "labels" using (beside(1.17)):1:3 with labels right font ",10", \
        for [i=1:has("labels")] DATA index "labels" using (beside(1.22)):1:4 with labels left tc rgb GREY font ",10"
    unset output
}
