/* report_path.h - where things lie, seen from each other. */
#ifndef SWITCHYARD_HARNESS_REPORT_PATH_H
#define SWITCHYARD_HARNESS_REPORT_PATH_H

#include <stddef.h>

/* The name in the folder of the file. */
void path_beside(char *out, size_t size, const char *file, const char *name);

/* The way from the folder of a file to another folder: "figures", "../docs/figures". The folder's
 * own path if one of the two does not exist. */
void path_relative(char *out, size_t size, const char *file, const char *folder);

#endif
