# When are hops slow?
NAME = "when_are_hops_slow"
load "style.gp"

LEAST = 1; MOST = 10; SLICE = 1
set table $scale
plot DATA index "scale" using (LEAST = column(1), MOST = column(2), SLICE = column(3), 0):(0)
unset table

# From light to dark, the same in print and for colour-blind people (viridis, reversed).
set palette defined (0 "#FDE725", 0.25 "#5EC962", 0.5 "#21918C", 0.75 "#3B528B", 1 "#440154")
set logscale cb
set cbrange [LEAST:MOST]
eval "set cbtics ".NS_TICS
set cblabel "hops of the slice are at least this fast" tc rgb GREY
set colorbox user origin screen 0.88, bottom(104) size screen 0.02, screen (top(HEAD) - bottom(104))
set rmargin at screen 0.86
unset grid
set border 0
set ytics ()
MIDDLE = (top(HEAD) + bottom(92)) / 2

do for [KIND in OUTPUTS] {
    eval "set terminal ".terminal(KIND)
    set output NAME.".".KIND.SUFFIX
    eval HEADINGS
    set multiplot
    do for [I = 0:1] {
        BLOCK = I == 0 ? "green" : "pthread"
        set tmargin at screen I == 0 ? top(HEAD + 18) : MIDDLE - 0.03
        set bmargin at screen I == 0 ? MIDDLE + 0.03 : bottom(92)
        set xtics format (I == 0 ? "" : "%.0f")
        set xlabel I == 0 ? "" : "ms of hopping" tc rgb GREY
        if (I == 1) { unset colorbox }
        set label 1 (I == 0 ? "green threads" : "OS threads") at LEFT, TOP left tc lt (I + 1) font ",11" offset 0,0.5
        if (has(BLOCK)) {
            plot \
                DATA index BLOCK using 1:2:($1 - 0.52 * SLICE):($1 + 0.52 * SLICE):($2 - 0.46):($2 + 0.46):3 with boxxyerror fs solid noborder lc palette, \
                DATA index "levels" using (NaN):1:yticlabels(2) with points
        }
        do for [K = 901:906] { unset label K }
    }
    unset multiplot
    set colorbox
    set colorbox user origin screen 0.88, bottom(104) size screen 0.02, screen (top(HEAD) - bottom(104))
    unset output
}
