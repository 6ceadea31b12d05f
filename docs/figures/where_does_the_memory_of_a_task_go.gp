# Where does the memory of a parked task go?
NAME = "where_does_the_memory_of_a_task_go"
load "style.gp"

# One colour a part, in the order of the data: user, page tables, kernel stack, slab.
set linetype 11 lc rgb "#56B4E9"
set linetype 12 lc rgb "#E69F00"
set linetype 13 lc rgb "#F0E442"
set linetype 14 lc rgb "#CC79A7"

unset ytics
set border 1
set lmargin at screen 0.05
set grid x
set xtics format "%.0f B"
set xlabel "bytes per parked task" tc rgb GREY
set style fill solid 0.85 border rgb "white"

do for [KIND in OUTPUTS] {
    eval "set terminal ".terminal(KIND)
    set output NAME.".".KIND.SUFFIX
    plot \
        DATA index "segments" using 2:($1 - 0.15):2:3:($1 - 0.36):($1 + 0.06):(10 + $4) with boxxyerror lc variable, \
        DATA index "segments" using (($2 + $3) / 2):($1 - 0.15):5 with labels center font ",10", \
        DATA index "bars" using (0):($1 + 0.46):2 with labels left font ",13", \
        DATA index "bars" using (0):($1 + 0.19):3 with labels left tc rgb GREY font ",10"
    unset output
}
