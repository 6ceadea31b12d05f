/* exact.c - see exact.h. */
#include "exact.h"

#include <errno.h>
#include <gnu/libc-version.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "textfile.h"

#define TOLERANCE 0.002
#define PATH_BYTES 4096
#define LINE_BYTES 256

/* By how much a count may differ whatever its size, for each operation. */
static const double slack[EXACT_KINDS] = {
    [EXACT_INSTRUCTIONS] = 0.02,
    [EXACT_SYSTEM_CALLS] = 0.001,
    [EXACT_KERNEL_SWITCHES] = 0.001,
};

const char *exact_name(enum exact_kind kind)
{
    static const char *const names[EXACT_KINDS] = {"instructions", "system_calls",
                                                   "kernel_switches"};
    return names[kind];
}

/* --- Tools ----------------------------------------------------------------------------------- */

/* The first program of that name in PATH; NULL if there is none. */
static char *find_program(const char *name)
{
    const char *folders = getenv("PATH");
    for (const char *at = folders != NULL ? folders : "/usr/bin:/bin"; *at != '\0';) {
        size_t length = strcspn(at, ":");
        char *path = alloc_format("%.*s/%s", (int)length, at, name);
        if (length > 0 && access(path, X_OK) == 0) {
            return path;
        }
        free(path);
        at += length + (at[length] == ':');
    }
    return NULL;
}

static char *own_path(void)
{
    char path[PATH_BYTES] = "";
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    return alloc_copy(path);
}

static int make_log(struct exact_tools *tools, char error[RESULT_ERROR_BYTES])
{
    const char *folder = getenv("TMPDIR");
    tools->log = alloc_format("%s/switchyard-count-XXXXXX", folder != NULL ? folder : "/tmp");
    int file = mkstemp(tools->log);
    if (file < 0) {
        int status = -errno;
        snprintf(error, RESULT_ERROR_BYTES, "%.300s: %s", tools->log, strerror(-status));
        free(tools->log);
        tools->log = NULL;
        return status;
    }
    close(file);
    return 0;
}

int exact_tools_find(struct exact_tools *tools, char error[RESULT_ERROR_BYTES])
{
    *tools = (struct exact_tools){.valgrind = find_program("valgrind"), .self = own_path()};
    int status = -ENOENT;
    if (tools->valgrind == NULL) {
        snprintf(error, RESULT_ERROR_BYTES,
                 "valgrind is not installed (apt-get install valgrind): instructions cannot be "
                 "counted");
    } else {
        status = make_log(tools, error);
    }
    if (status < 0) {
        exact_tools_destroy(tools);
    }
    return status;
}

void exact_tools_destroy(struct exact_tools *tools)
{
    if (tools->log != NULL) {
        unlink(tools->log);
    }
    free(tools->log);
    free(tools->valgrind);
    free(tools->self);
    *tools = (struct exact_tools){.log = NULL};
}

json_t *exact_tools_json(const struct exact_tools *tools)
{
    char line[LINE_BYTES] = "";
    char *command = alloc_format("'%s' --version 2>/dev/null", tools->valgrind);
    FILE *output = popen(command, "re");
    if (output != NULL && fgets(line, sizeof line, output) != NULL) {
        line[strcspn(line, "\n")] = '\0';
    }
    if (output != NULL) {
        pclose(output);
    }
    free(command);
    return json_pack("{s:s, s:s}", "valgrind", line, "libc", gnu_get_libc_version());
}

/* --- Counting -------------------------------------------------------------------------------- */

struct count {
    double value;
    double operations;
};

/* Digits with commas between them, behind the key in the log: NAN if it is not there. */
static double logged_number(const char *path, const char *key)
{
    char line[LINE_BYTES];
    double number = NAN;
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        const char *at = strstr(line, key);
        at = at != NULL ? at + strlen(key) : "";
        at += strspn(at, " :");
        for (number = *at >= '0' && *at <= '9' ? 0 : number; *at >= '0' && *at <= '9';
             at += 1 + (at[1] == ',')) {
            number = number * 10 + (*at - '0');
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return number;
}

static double voluntary_switches(const struct trial_report *report)
{
    const json_t *count = json_object_get(report->rusage, "voluntary_switches");
    return json_is_integer(count) ? (double)json_integer_value(count) : NAN;
}

static int count_once(const struct exact_tools *tools, const struct gate_build *build,
                      const struct gate_cell *cell, const struct cpus *cpus, enum exact_kind kind,
                      int64_t operations, struct count *count, char error[RESULT_ERROR_BYTES])
{
    char *log_option = alloc_format("--log-file=%s", tools->log);
    const char *const callgrind[] = {tools->valgrind, "--tool=callgrind",
                                     "--callgrind-out-file=/dev/null", log_option, NULL};
    const char *const syscalls[] = {tools->self, "syscalls", "--out", tools->log, NULL};
    const char *const *const wrappers[EXACT_KINDS] = {callgrind, syscalls, NULL};
    struct gate_run run = {.count = operations,
                           .epochs = 1,
                           .tune = build->clocks_off[0] != '\0' ? build->clocks_off : NULL,
                           .wrapper = wrappers[kind]};
    struct trial_report report;
    int status = gate_build_run(build, cell, &run, cpus, &report, error);
    if (status == 0) {
        count->operations = gate_cell_operations(cell, &report);
        count->value = kind == EXACT_INSTRUCTIONS   ? logged_number(tools->log, "Collected")
                       : kind == EXACT_SYSTEM_CALLS ? logged_number(tools->log, "system calls")
                                                    : voluntary_switches(&report);
        trial_report_destroy(&report);
    }
    free(log_option);
    return status;
}

static int count_kind(const struct exact_tools *tools, const struct gate_build *build,
                      const struct gate_cell *cell, const struct cpus *cpus, enum exact_kind kind,
                      double *value, char error[RESULT_ERROR_BYTES])
{
    struct count few = {NAN, NAN};
    struct count many = {NAN, NAN};
    int status = count_once(tools, build, cell, cpus, kind, cell->few, &few, error);
    if (status == 0) {
        status = count_once(tools, build, cell, cpus, kind, cell->many, &many, error);
    }
    if (status < 0) {
        return status;
    }
    *value = (many.value - few.value) / (many.operations - few.operations);
    if (!isfinite(*value)) {
        snprintf(error, RESULT_ERROR_BYTES, "%s of %s: the %s could not be counted", cell->workload,
                 build->role, exact_name(kind));
        return -EPROTO;
    }
    return 0;
}

int exact_count(const struct exact_tools *tools, const struct gate_build *build,
                const struct gate_cell *cell, const struct cpus *cpus, struct exact_counts *counts,
                char error[RESULT_ERROR_BYTES])
{
    int status = 0;
    for (int kind = 0; kind < EXACT_KINDS && status == 0; kind++) {
        status =
            count_kind(tools, build, cell, cpus, (enum exact_kind)kind, &counts->of[kind], error);
    }
    return status;
}

enum verdict exact_verdict(enum exact_kind kind, double base, double head)
{
    if (head > base * (1 + TOLERANCE) + slack[kind]) {
        return VERDICT_REGRESSED;
    }
    return base > head * (1 + TOLERANCE) + slack[kind] ? VERDICT_IMPROVED : VERDICT_SAME;
}
