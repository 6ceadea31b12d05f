/* plot_text.h - numbers and strings as people read them, for figures and report.
 *
 * Every string that comes from a results file passes text_clean before it reaches a data file of
 * gnuplot or a Markdown table.
 */
#ifndef SWITCHYARD_HARNESS_PLOT_TEXT_H
#define SWITCHYARD_HARNESS_PLOT_TEXT_H

#include <stddef.h>
#include <stdio.h>

#include "stats.h"

enum { TEXT_NUMBER_BYTES = 96 };

/* A number as text, returned by value: struct text_number n = text_ns(4.05); printf("%s", n.s). */
struct text_number {
    char s[TEXT_NUMBER_BYTES];
};

/* As snprintf, but cuts at a whole UTF-8 character. */
void text_format(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As text_format, behind what is in out already. */
void text_append(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Makes a string harmless in a tab-separated data file and in one line of text: control characters
 * and invalid UTF-8 become a space, a quotation mark ' and a backslash /. NULL becomes "". */
void text_clean(char *out, size_t size, const char *in);

/* Three significant digits, no exponent: 4.05, 37.0, 1,170. */
struct text_number text_significant(double value);
/* Groups of three: 1,000,000. */
struct text_number text_count(double value);
/* With the unit that fits: 4.05 ns, 37.0 µs. */
struct text_number text_ns(double ns);
/* 4,104 B, 36,484 B, 348 MiB, 4.07 GiB. */
struct text_number text_bytes(double bytes);
/* By unit: times and "B" as above, "1" bare, others with the unit behind. NAN gives "–". */
struct text_number text_quantity(double value, const char *unit);
/* 285×, 0.8×. */
struct text_number text_ratio(double ratio);
/* 4.05 ns (4.01 ns – 4.10 ns); without the interval if it has no width (a single process). */
struct text_number text_interval(struct interval interval, const char *unit);

/* As text_interval for the median of so many processes, but shows an interval without width too;
 * one process has none, and says so: 4.05 ns (n = 1). */
struct text_number text_measured(struct interval interval, const char *unit, size_t processes);

/* "1 process", "3 – 5 processes": of the points of a figure, the fewest and the most. */
struct text_number text_processes(size_t least, size_t most);

/* "1 – 4", "4". */
struct text_number text_span(size_t least, size_t most);

/* Writes s with & < > " ' as entities, for SVG. */
void text_write_xml(FILE *file, const char *s);
/* Writes s so that Markdown shows it literally, in a table too. */
void text_write_markdown(FILE *file, const char *s);

/* How many characters (not bytes) a string has. */
size_t text_width(const char *s);

/* Splits a line in place at the last space that leaves the first part at most `width` characters
 * wide, and is not between a number and its unit. Returns the rest, or "" if all fitted. */
const char *text_wrap(char *line, size_t width);

#endif
