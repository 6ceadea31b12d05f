# How do the same tasks look as OS threads?
NAME = "how_do_os_threads_share_the_processors"
load "style.gp"

# The colours of the tasks, in turn (Okabe and Ito), light enough for black numbers.
set linetype 10 lc rgb "#009E73"
set linetype 11 lc rgb "#E69F00"
set linetype 12 lc rgb "#56B4E9"
set linetype 13 lc rgb "#F0E442"
set linetype 14 lc rgb "#CC79A7"
set linetype 15 lc rgb "#D55E00"
set linetype 16 lc rgb "#4A90D9"
set style arrow 1 filled size screen 0.008,18 lc rgb "#9AA0A6" lw 1
set style arrow 2 filled size screen 0.011,18 lc rgb "black" lw 1.6
set style fill solid 1.0 border rgb "white"

unset ytics
set border 1
set grid x
set xtics format "%.0f"
set xlabel "µs since the first event" tc rgb GREY

do for [KIND in OUTPUTS] {
    eval "set terminal ".terminal(KIND)
    set output NAME.".".KIND.SUFFIX
    plot \
        for [i=1:has("runs")] DATA index "runs" using 1:3:1:2:($3 - 0.33):($3 + 0.33):(10 + $4) with boxxyerror lc variable lw 0.5, \
        for [i=1:has("blocks")] DATA index "blocks" using 1:3:1:2:($3 - 0.33):($3 - 0.2) with boxxyerror lc rgb "#333333" lw 0.5, \
        for [i=1:has("names")] DATA index "names" using 1:2:3 with labels center font ",9", \
        for [i=1:has("wakes")] DATA index "wakes" using 1:2:3:4 with vectors as 1, \
        for [i=1:has("steals")] DATA index "steals" using 1:2:3:4 with vectors as 2, \
        DATA index "rows" using (LEFT):1:2 with labels right offset -0.8,0 font ",10"
    unset output
}
