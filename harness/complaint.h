/* complaint.h - the end of what a worker wrote to stderr, and the line in it that says why. */
#ifndef SWITCHYARD_HARNESS_COMPLAINT_H
#define SWITCHYARD_HARNESS_COMPLAINT_H

#include <stddef.h>

#define COMPLAINT_TAIL_BYTES 16384

struct complaint {
    char tail[COMPLAINT_TAIL_BYTES];
    size_t used;
};

/* Adds what was read; drops the oldest bytes when there is no more room. */
void complaint_add(struct complaint *complaint, const char *bytes, size_t count);

/* Copies the first line that begins with "fatal error:", else the last line that is not blank,
 * with everything unprintable replaced. "" if there is none. */
void complaint_line(const struct complaint *complaint, char *line, size_t bytes);

/* Replaces control characters, so that what a file holds can be shown on a terminal. */
void complaint_make_printable(char *text);

#endif
