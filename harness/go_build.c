/* go_build.c - see go_build.h. */
#include "go_build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "runner.h"

/* The first build compiles part of Go's library. */
#define BUILD_DEADLINE_NS 300000000000
#define STATUS_NO_GO 127

/* $1 is the folder of the sources, $2 the program. */
static char script[] =
    "command -v go >/dev/null || exit 127; cd \"$1\" && exec go build -o \"$2\" .";

static int judge(const struct run_outcome *outcome, char error[RESULT_ERROR_BYTES])
{
    if (outcome->end == RUN_INTERRUPTED) {
        return -EINTR;
    }
    if (outcome->end == RUN_EXITED && outcome->code == 0) {
        return 0;
    }
    if (outcome->end == RUN_EXITED && outcome->code == STATUS_NO_GO) {
        snprintf(error, RESULT_ERROR_BYTES, "no go command");
        return -ENOENT;
    }
    snprintf(error, RESULT_ERROR_BYTES, "go build failed: %.300s",
             outcome->end == RUN_TIMEOUT ? "took too long" : outcome->complaint);
    return -EPROTO;
}

int go_build(const char *path, char error[RESULT_ERROR_BYTES])
{
    char shell[] = "/bin/sh";
    char option[] = "-c";
    char folder[] = SWITCHYARD_GO_FOLDER;
    char *program = alloc_copy(path);
    char *argv[] = {shell, option, script, shell, folder, program, NULL};
    struct child_setup setup = {.argv = argv};
    struct run_limits limits = {.deadline_ns = BUILD_DEADLINE_NS,
                                .output_bytes = RUNNER_OUTPUT_BYTES};
    struct run_outcome outcome = {.end = RUN_EXITED};
    int status = runner_run(&setup, &limits, &outcome);
    if (status < 0) {
        snprintf(error, RESULT_ERROR_BYTES, "go build: %s", strerror(-status));
    } else {
        status = judge(&outcome, error);
    }
    run_outcome_destroy(&outcome);
    free(program);
    return status;
}
