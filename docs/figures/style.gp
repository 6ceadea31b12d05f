# style.gp - what all figures share: their texts, colours and sizes.
#
# A script sets NAME and loads this. No string ever stands in a script: title, subtitle and footer
# are read from the first block of NAME.dat, and shown without enhanced text, so that nothing in
# them is interpreted.

set encoding utf8
set datafile separator "\t"
DATA = NAME.".dat"

# The colours of Okabe and Ito (2008), which colour-blind people can tell apart. Line type 1 is the
# green runtime, 2 the OS threads, everywhere; 3 and 4 are for what belongs to neither.
GREEN = "#009E73"
THREADS = "#D55E00"
GREY = "#5F6368"
RULE = "#C4C7CC"
set linetype 1 lc rgb GREEN lw 2 pt 7 ps 0.9
set linetype 2 lc rgb THREADS lw 2 pt 5 ps 0.9
set linetype 3 lc rgb "#0072B2" lw 2 pt 9 ps 0.9
set linetype 4 lc rgb "#CC79A7" lw 2 pt 13 ps 0.9
set linetype 5 lc rgb "#E69F00" lw 2 pt 11 ps 0.9
set linetype 6 lc rgb "#56B4E9" lw 2 pt 15 ps 0.9

# One row of the text block is read by plotting it into nowhere.
HEIGHT = 560
LEFT = 0; RIGHT = 1; BOTTOM = 0; TOP = 1
TITLE1 = ""; TITLE2 = ""; SUBTITLE1 = ""; SUBTITLE2 = ""; FOOTER1 = ""; FOOTER2 = ""
set xrange [-1:1]
set yrange [-1:1]
set table $nowhere
plot DATA index "text" using (HEIGHT = column(2), 0):(0) every ::0::0
plot DATA index "text" using (TITLE1 = strcol(2), 0):(0) every ::1::1
plot DATA index "text" using (TITLE2 = strcol(2), 0):(0) every ::2::2
plot DATA index "text" using (SUBTITLE1 = strcol(2), 0):(0) every ::3::3
plot DATA index "text" using (SUBTITLE2 = strcol(2), 0):(0) every ::4::4
plot DATA index "text" using (LEFT = column(2), RIGHT = column(3), BOTTOM = column(4), TOP = column(5), 0):(0) every ::5::5
plot DATA index "text" using (FOOTER1 = strcol(2), 0):(0) every ::6::6
plot DATA index "text" using (FOOTER2 = strcol(2), 0):(0) every ::7::7

# Which blocks the data hold: gnuplot 5.4 crashes on labels without data, so a plot asks has() first.
BLOCKS = "green pthread raw green_tail pthread_tail raw_tail cold_green cold_pthread caches failures fit labels green_cheaper threads_cheaper undecided marks runs blocks names wakes steals tail_labels"
HELD = " "
do for [BLOCK in BLOCKS] {
    ROWS = 0
    plot DATA index BLOCK using (ROWS = ROWS + 1, 0):(0)
    HELD = HELD.(ROWS > 0 ? BLOCK." " : "")
}
has(block) = strstrt(HELD, " ".block." ") > 0 ? 1 : 0
# Rows of the block "failures" whose label goes to the left (-1) or right (1) of the cross.
LEFTS = 0; RIGHTS = 0
plot DATA index "failures" using (LEFTS = LEFTS + ($3 < 0), RIGHTS = RIGHTS + ($3 > 0), 0):(0)
unset table
set xrange [LEFT:RIGHT]
set yrange [BOTTOM:TOP]

WIDTH = 1000
top(pixels) = 1.0 - pixels / real(HEIGHT)
bottom(pixels) = pixels / real(HEIGHT)
TITLE_ROWS = strlen(TITLE2) > 1 ? 2 : 1
SUBTITLE_ROWS = strlen(SUBTITLE2) > 1 ? 2 : 1
SUBTITLE_TOP = 24 + 22 * TITLE_ROWS
HEAD = SUBTITLE_TOP + 17 * SUBTITLE_ROWS + 14

HEADINGS = 'set label 901 TITLE1 at screen 0.015, top(24) left noenhanced font ",15" front; \
    set label 902 TITLE2 at screen 0.015, top(46) left noenhanced font ",15" front; \
    set label 903 SUBTITLE1 at screen 0.015, top(SUBTITLE_TOP) left noenhanced font ",11" tc rgb GREY; \
    set label 904 SUBTITLE2 at screen 0.015, top(SUBTITLE_TOP + 16) left noenhanced font ",11" tc rgb GREY; \
    set label 905 FOOTER1 at screen 0.015, bottom(24) left noenhanced font ",8.5" tc rgb GREY; \
    set label 906 FOOTER2 at screen 0.015, bottom(11) left noenhanced font ",8.5" tc rgb GREY'
eval HEADINGS

set tmargin at screen top(HEAD)
set bmargin at screen bottom(92)
set lmargin at screen 0.09
set rmargin at screen 0.97
set border 3 lc rgb GREY
set tics nomirror out scale 0.6 tc rgb GREY
set grid lc rgb RULE lw 0.5 lt 1
unset key
set bars 0.6

# Ticks of an axis in nanoseconds and one in bytes, for logarithmic scales.
NS_TICS = '("0.1 ns" 0.1, "1 ns" 1, "10 ns" 10, "100 ns" 100, "1 µs" 1e3, "10 µs" 1e4, "100 µs" 1e5, "1 ms" 1e6, "10 ms" 1e7, "100 ms" 1e8, "1 s" 1e9, "10 s" 1e10)'
BYTE_TICS = '("1 KiB" 1024, "10 KiB" 10240, "100 KiB" 102400, "1 MiB" 1048576, "10 MiB" 10485760, "100 MiB" 104857600, "1 GiB" 1073741824, "10 GiB" 10737418240., "100 GiB" 107374182400.)'
COUNT_TICS = '("1" 1, "10" 10, "100" 100, "1,000" 1e3, "10,000" 1e4, "100,000" 1e5, "1,000,000" 1e6, "10,000,000" 1e7)'

# The same with steps between, for short axes.
FINE_TICS = '("100" 100, "200" 200, "500" 500, "1,000" 1e3, "2,000" 2e3, "5,000" 5e3, "10,000" 1e4, "20,000" 2e4, "50,000" 5e4, "100,000" 1e5, "200,000" 2e5, "500,000" 5e5, "1,000,000" 1e6, "2,000,000" 2e6, "5,000,000" 5e6, "10,000,000" 1e7, "100,000,000" 1e8)'

# What a script draws twice, with constants only.
OUTPUTS = "svg png"
# `switchyard plot` sets it, so that an interrupted drawing is not taken for a whole one.
if (!exists("SUFFIX")) SUFFIX = ""
terminal(kind) = kind eq "svg" ? \
    sprintf("svg noenhanced size %d,%d font 'DejaVu Sans,12' background rgb 'white'", WIDTH, HEIGHT) : \
    sprintf("pngcairo noenhanced size %d,%d font 'DejaVu Sans,9' background rgb 'white'", WIDTH, HEIGHT)
