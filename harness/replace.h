/* replace.h - writing a file so that its name always leads to a whole one: the old or the new. */
#ifndef SWITCHYARD_HARNESS_REPLACE_H
#define SWITCHYARD_HARNESS_REPLACE_H

#include <stdbool.h>
#include <stddef.h>

/* One piece of the new content. */
struct piece {
    const char *text;
    size_t bytes;
};

/* Writes to a temporary file beside path and renames it over path; links are followed, and only a
 * regular file is replaced (target.h). Whoever kills the program meets the old file or the new
 * one. With `sync` that holds for a loss of power, too, and the new one is on the disk when this
 * returns; without, only on file systems known to write the data before the new name (ext4,
 * btrfs, tmpfs): elsewhere it is synced in any case. -errno. */
int replace_file(const char *path, const struct piece *pieces, size_t count, bool sync);

/* Writes all of it to an open file, in as many calls as it takes. -errno; then a part may be
 * there. */
int replace_write_all(int file, const char *text, size_t bytes);

#endif
