/* procfile.h - reads numbers from the kernel's small text files, without malloc.
 * Buffers are static, so that a task's stack may be small: one caller at a time. */
#ifndef SWITCHYARD_PROCFILE_H
#define SWITCHYARD_PROCFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads a file of at most bytes - 1 characters as a string; what is longer is cut. */
bool procfile_read(const char *path, char *text, size_t bytes);

/* The number that follows a field's name at the start of a line ("VmPTE:"), or 0 if there is no
 * such line. */
uint64_t procfile_field(const char *text, const char *field);

/* A file that holds one number: false if there is none, or it is "max". */
bool procfile_number(const char *path, uint64_t *number);

/* How many lines a file has, however long; 0 if it cannot be read. */
uint64_t procfile_lines(const char *path);

#endif
