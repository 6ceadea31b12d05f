# What is each technique of the green runtime worth?
NAME = "what_is_each_technique_worth"
load "style.gp"

# Behind the axis there is room for the numbers: points outside of the range are not drawn, so the
# range is longer than the axis.
beside(share) = LEFT + (RIGHT - LEFT) * share
set xrange [LEFT:beside(1.42)]
unset ytics
unset border
set grid x
set lmargin at screen 0.38
set bmargin at screen bottom(104)
set xtics format "%+g %%"
SPAN = (RIGHT - LEFT) / 5
TEN = 10 ** floor(log10(SPAN))
STEP = TEN * (SPAN / TEN > 5 ? 10 : SPAN / TEN > 2 ? 5 : 2)
set xtics STEP * ceil(LEFT / STEP), STEP, STEP * floor(RIGHT / STEP)
set xtics add ("0 %%" 0)
set arrow 1 from 0, BOTTOM to 0, TOP nohead lc rgb "black" lw 1.5
set label 1 "change   as it is" at beside(1.06), TOP left tc rgb GREY font ",10" offset 0,0.3
set label 2 "change of time (or of the inverse of a rate) when it is switched off" at beside(0.5), BOTTOM center tc rgb GREY font ",10" offset 0,-2.6
set label 3 "← better without" at beside(0), BOTTOM left tc rgb GREY font ",10" offset 0,-3.7
set label 4 "worse without →" at beside(1), BOTTOM right tc rgb GREY font ",10" offset 0,-3.7

do for [KIND in OUTPUTS] {
    eval "set terminal ".terminal(KIND)
    set output NAME.".".KIND.SUFFIX
    plot \
        DATA index "changes" using ($5 == 1 ? $2 : NaN):1:3:4 with xerrorbars lt 1, \
        DATA index "changes" using ($5 == 2 ? $2 : NaN):1:3:4 with xerrorbars lt 2, \
        DATA index "changes" using ($5 == 3 ? $2 : NaN):1:3:4 with xerrorbars lc rgb GREY pt 13 ps 1.1 lw 1.5, \
        DATA index "changes" using (LEFT):1:6 with labels right offset -1,0 font ",10", \
        DATA index "changes" using (beside(1.06)):1:7 with labels left font ",10"
    unset output
}
