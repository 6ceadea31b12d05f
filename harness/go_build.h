/* go_build.h - building the worker that is written in Go (workloads/go), with the user's go
 * command.
 */
#ifndef SWITCHYARD_HARNESS_GO_BUILD_H
#define SWITCHYARD_HARNESS_GO_BUILD_H

#include "result.h"

/* Builds it as `path`; go itself sees whether anything changed. -ENOENT if there is no go command,
 * -EPROTO if it failed, -EINTR, or -errno; error says it in one line. */
int go_build(const char *path, char error[RESULT_ERROR_BYTES]);

#endif
