# From which size of a task on are OS threads as good?
NAME = "where_do_os_threads_win"
load "style.gp"

set logscale x
set grid xtics noytics
set lmargin at screen 0.24
set ytics () scale 0
set border 1 lc rgb GREY
set xtics ("10 ns" 10, "100 ns" 100, "1 µs" 1e3, "10 µs" 1e4, "100 µs" 1e5, "1 ms" 1e6, "10 ms" 1e7)
set xlabel "what a task computes" tc rgb GREY

do for [KIND in OUTPUTS] {
    eval "set terminal ".terminal(KIND)
    set output NAME.".".KIND.SUFFIX
    plot \
        for [i=1:has("marks")] DATA index "marks" using 1:($2 - 0.32):3:4 with xerrorbars lt 3 lw 2 ps 0.6, \
        for [i=1:has("green_cheaper")] DATA index "green_cheaper" using 1:2:3 with labels tc rgb GREEN font ",12", \
        for [i=1:has("threads_cheaper")] DATA index "threads_cheaper" using 1:2:3 with labels tc rgb THREADS font ",12", \
        for [i=1:has("undecided")] DATA index "undecided" using 1:2:3 with labels tc rgb GREY font ",12", \
        for [i=1:has("names")] DATA index "names" using 1:2:ytic(3) with dots lc rgb GREY
    unset output
}
