# What is a switch made of?
NAME = "what_is_a_switch_made_of"
load "style.gp"

L_LEFT = 1; L_RIGHT = 10; L_BOTTOM = 0; L_TOP = 1
set table $lower
plot DATA index "lower" using (L_LEFT = column(1), L_RIGHT = column(2), L_BOTTOM = column(3), L_TOP = column(4), 0):(0)
unset table
MIDDLE = top(HEAD + (HEIGHT - HEAD) * 0.40)

unset ytics
set border 1
set grid x
set lmargin at screen 0.31
set style fill solid 0.85 noborder

do for [KIND in OUTPUTS] {
    eval "set terminal ".terminal(KIND)
    set output NAME.".".KIND.SUFFIX
    eval HEADINGS
    set multiplot
    unset logscale x
    set bmargin at screen MIDDLE
    set tmargin at screen top(HEAD)
    set xrange [LEFT:RIGHT]
    set yrange [BOTTOM:TOP]
    set xtics autofreq format "%.0f ns"
    set xlabel "time of one switch, linear" tc rgb GREY offset 0,0.4
    plot \
        DATA index "steps" using 2:1:2:3:($1 - 0.3):($1 + 0.3) with boxxyerror lc rgb GREEN, \
        DATA index "steps" using ($1 > 1 ? $3 : NaN):($1 - 0.3):(0):(-0.4) with vectors nohead lc rgb GREY dt 3 lw 1, \
        DATA index "steps" using 3:1:4:5 with xerrorbars pt 0 lc rgb "black" lw 1.2, \
        DATA index "steps" using (LEFT):1:6 with labels right offset -1,0 font ",10", \
        DATA index "steps" using ($2 > $5 ? $2 : $5):1:7 with labels left offset 1,0 font ",10"
    do for [I = 901:906] { unset label I }
    set logscale x
    set tmargin at screen MIDDLE - 0.115
    set bmargin at screen bottom(92)
    set xrange [L_LEFT:L_RIGHT]
    set yrange [L_BOTTOM:L_TOP]
    eval "set xtics format '%g' ".NS_TICS
    set xlabel "time of one switch, logarithmic" tc rgb GREY offset 0,0.2
    plot \
        DATA index "means" using 2:1:3:4:5 with xerrorbars lc variable pt 7 ps 1 lw 1.5, \
        DATA index "means" using (L_LEFT * 1.001):1:6 with labels right offset -1,0 font ",10", \
        DATA index "means" using 4:1:7 with labels left offset 1,0 font ",10"
    unset multiplot
    unset output
}
