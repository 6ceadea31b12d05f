/* json_locate.h - where in a JSON text a value stands. */
#ifndef SWITCHYARD_HARNESS_JSON_LOCATE_H
#define SWITCHYARD_HARNESS_JSON_LOCATE_H

#include <stddef.h>

/* The position of the value that a path like "results[3].trials[0].median" leads to, in a text
 * that is known to be good JSON; how far the path leads if it does not lead to its end (a member
 * that is missing: the object that lacks it). */
size_t json_locate(const char *text, size_t bytes, const char *path);

/* The line, from 1, and the column in it, in characters from 1, of a position. */
void json_line_and_column(const char *text, size_t position, size_t *line, size_t *column);

#endif
