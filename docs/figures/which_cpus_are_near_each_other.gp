# Which CPUs are near each other?
NAME = "which_cpus_are_near_each_other"
load "style.gp"

# From light to dark, the same in print and for colour-blind people.
set palette defined (0 "#F7FBFF", 0.25 "#C6DBEF", 0.5 "#9ECAE1", 0.75 "#6BAED6", 1 "#3182BD")
set logscale cb
set colorbox user origin screen 0.88, bottom(104) size screen 0.02, screen (top(HEAD) - bottom(104))
eval "set cbtics ".NS_TICS
set rmargin at screen 0.86
set lmargin at screen 0.12
set yrange [TOP:BOTTOM]
unset grid
set border 0
set tics scale 0
set xtics () ; set ytics ()
set xlabel "the other thread" tc rgb GREY
set ylabel "one thread" tc rgb GREY

do for [KIND in OUTPUTS] {
    eval "set terminal ".terminal(KIND)
    set output NAME.".".KIND.SUFFIX
    plot \
        DATA index "cells" using 1:2:($1 - 0.49):($1 + 0.49):($2 - 0.49):($2 + 0.49):3 with boxxyerror fs solid noborder lc palette, \
        DATA index "cells" using 1:($2 - 0.08):4 with labels center font ",12", \
        DATA index "cells" using 1:($2 + 0.18):5 with labels center font ",10", \
        DATA index "cpus" using 1:(NaN):xticlabels(2) with points, \
        DATA index "cpus" using (NaN):1:yticlabels(2) with points
    unset output
}
