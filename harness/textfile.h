/* textfile.h - small files of /proc, /sys and /etc. */
#ifndef SWITCHYARD_HARNESS_TEXTFILE_H
#define SWITCHYARD_HARNESS_TEXTFILE_H

#include <stdbool.h>
#include <stddef.h>

/* The first line of the file without its newline; false and "" if it cannot be read. */
bool textfile_line(const char *path, char *line, size_t bytes);

/* The rest of the first line that begins with key, without leading blanks, colons, equals signs
 * and quotes: textfile_value("/proc/cpuinfo", "model name", …). False and "" if there is none. */
bool textfile_value(const char *path, const char *key, char *value, size_t bytes);

/* As above, as a whole number; fallback if there is none. */
long long textfile_number(const char *path, long long fallback);
long long textfile_value_number(const char *path, const char *key, long long fallback);

#endif
