/* plot_file.h - whole files in, whole files out. */
#ifndef SWITCHYARD_HARNESS_PLOT_FILE_H
#define SWITCHYARD_HARNESS_PLOT_FILE_H

#include <stddef.h>

/* Reads a file; the caller frees *data, which ends with a NUL behind its size. -errno. */
int file_read(const char *path, char **data, size_t *size);

/* Writes a temporary file beside path and renames it over path, so that no half file is ever
 * seen. Links are followed; -EISDIR if path is no regular file (target.h). -errno. */
int file_write(const char *path, const char *data, size_t size);

#endif
