/* target.h - the file that a user names for output: where it really lies, and may it be replaced?
 */
#ifndef SWITCHYARD_HARNESS_TARGET_H
#define SWITCHYARD_HARNESS_TARGET_H

#include <limits.h>

/* Follows symbolic links, so that the file behind them is replaced and not they. The file need not
 * exist. -EISDIR: it exists and is no regular file (a folder, device, FIFO): renaming a file over
 * it would destroy it. Else -errno. */
int target_resolve(const char *path, char resolved[PATH_MAX]);

/* Finds out before hours of measuring whether the file can be written, and leaves it as it is.
 * -errno as above. */
int target_check(const char *path);

/* What went wrong with a target, in words, for a -errno of the above or of writing it. */
const char *target_problem(int status);

#endif
