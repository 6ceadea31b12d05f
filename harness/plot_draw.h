/* plot_draw.h - draws a prepared figure: its data and scripts into a folder, gnuplot over them. */
#ifndef SWITCHYARD_HARNESS_PLOT_DRAW_H
#define SWITCHYARD_HARNESS_PLOT_DRAW_H

#include "plot_figure.h"

enum { DRAW_ERROR_BYTES = 512 };

/* The folder of the plot scripts: $SWITCHYARD_PLOTS, else ../plots beside the program's folder,
 * else that of the source tree. -ENOENT: none of them holds style.gp. */
int draw_find_scripts(char *folder, size_t size);

/* Makes a folder and those above it. -errno. */
int draw_make_folder(const char *path);

/* Removes the files of a figure: NAME.dat, .gp, .svg, .png. Others in the folder stay. */
void draw_remove(const struct figure *figure, const char *folder);

/* Writes NAME.dat and copies NAME.gp and style.gp into the folder. 0 or -errno, with one line in
 * error. */
int draw_write(const struct figure *figure, const char *scripts, const char *folder,
               const char *data, size_t size, char error[DRAW_ERROR_BYTES]);

/* Runs gnuplot in the folder, which makes NAME.svg and NAME.png, and gives the SVG its title and
 * description. -ENOENT: there is no gnuplot. -EIO: it failed. Both with one line in error. */
int draw_run(const struct figure *figure, const struct figure_text *text, const char *folder,
             char error[DRAW_ERROR_BYTES]);

#endif
