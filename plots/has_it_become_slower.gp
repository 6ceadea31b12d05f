# Has it become slower? One metric over the measurements of the history.
NAME = "has_it_become_slower"
load "style.gp"

set xlabel "measurement, by revision" tc rgb GREY
set ylabel "value" tc rgb GREY
set xtics ()
set grid noxtics
set bmargin at screen bottom(110)

do for [KIND in OUTPUTS] {
    eval "set terminal ".terminal(KIND)
    set output NAME.".".KIND.SUFFIX
    plot \
        for [i=1:has("marks")] DATA index "marks" using 1:(TOP) with impulses lc rgb RULE dt 3 lw 1.5, \
        DATA index "fit" using 1:3:($2 - $1):(0) with vectors nohead lt 3 lw 2.5, \
        DATA index "green" using 1:2:3:4 with yerrorbars lt 1, \
        for [i=1:has("names")] DATA index "names" using 1:(BOTTOM):xtic(2) with points ps 0, \
        for [i=1:has("marks")] DATA index "marks" using 1:2:3 with labels left offset 0.6,0 tc rgb THREADS font ",10"
    unset output
}
