/* selection.c - see selection.h. */
#include "selection.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

int parse_number(const char *text, int64_t min, int64_t max, int64_t *number)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < min || value > max) {
        return -EINVAL;
    }
    *number = value;
    return 0;
}

/* Calls add for each part of the list until one fails. */
static int for_each_part(const char *list, int (*add)(void *to, const char *part), void *to)
{
    char *copy = alloc_copy(list);
    char *rest = copy;
    const char *part;
    int status = 0;
    while (status == 0 && (part = strsep(&rest, ",")) != NULL) {
        status = part[0] == '\0' ? -EINVAL : add(to, part);
    }
    free(copy);
    return status;
}

static int add_glob(void *to, const char *part)
{
    struct selection *selection = to;
    selection->globs =
        alloc_append(selection->globs, selection->globs_count, sizeof *selection->globs);
    selection->globs[selection->globs_count++] = alloc_copy(part);
    return 0;
}

static int add_backend(void *to, const char *part)
{
    struct selection *selection = to;
    selection->backends =
        alloc_append(selection->backends, selection->backends_count, sizeof *selection->backends);
    selection->backends[selection->backends_count++] = alloc_copy(part);
    return 0;
}

static int add_procs(void *to, const char *part)
{
    struct selection *selection = to;
    int64_t number = 0;
    int status = parse_number(part, 0, INT_MAX, &number);
    if (status == 0) {
        selection->procs =
            alloc_append(selection->procs, selection->procs_count, sizeof *selection->procs);
        selection->procs[selection->procs_count++] = (int)number;
    }
    return status;
}

static int add_value(void *to, const char *part)
{
    struct sweep *sweep = to;
    int64_t number = 0;
    int status = parse_number(part, INT64_MIN, INT64_MAX, &number);
    if (status == 0) {
        sweep->values = alloc_append(sweep->values, sweep->values_count, sizeof *sweep->values);
        sweep->values[sweep->values_count++] = number;
    }
    return status;
}

int selection_add_globs(struct selection *selection, const char *list)
{
    return for_each_part(list, add_glob, selection);
}

int selection_add_backends(struct selection *selection, const char *list)
{
    return for_each_part(list, add_backend, selection);
}

int selection_add_procs(struct selection *selection, const char *list)
{
    return for_each_part(list, add_procs, selection);
}

static int check_word(void *to, const char *part)
{
    (void)to;
    return part[strspn(part, "abcdefghijklmnopqrstuvwxyz0123456789-=")] == '\0' ? 0 : -EINVAL;
}

int selection_add_tune(struct selection *selection, const char *words)
{
    if (for_each_part(words, check_word, NULL) < 0) {
        return -EINVAL;
    }
    selection->tunes =
        alloc_append(selection->tunes, selection->tunes_count, sizeof *selection->tunes);
    selection->tunes[selection->tunes_count++] =
        strcmp(words, "none") == 0 ? NULL : alloc_copy(words);
    return 0;
}

static bool has_sweep(const struct selection *selection, const char *name)
{
    for (size_t i = 0; i < selection->sweeps_count; i++) {
        if (strcmp(selection->sweeps[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

int selection_add_sweep(struct selection *selection, const char *text)
{
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text) {
        return -EINVAL;
    }
    struct sweep sweep = {.name = alloc_format("%.*s", (int)(equals - text), text)};
    int status =
        has_sweep(selection, sweep.name) ? -EINVAL : for_each_part(equals + 1, add_value, &sweep);
    if (status < 0) {
        free(sweep.name);
        free(sweep.values);
        return status;
    }
    selection->sweeps =
        alloc_append(selection->sweeps, selection->sweeps_count, sizeof *selection->sweeps);
    selection->sweeps[selection->sweeps_count++] = sweep;
    return 0;
}

void selection_destroy(struct selection *selection)
{
    for (size_t i = 0; i < selection->globs_count; i++) {
        free(selection->globs[i]);
    }
    for (size_t i = 0; i < selection->backends_count; i++) {
        free(selection->backends[i]);
    }
    for (size_t i = 0; i < selection->tunes_count; i++) {
        free(selection->tunes[i]);
    }
    for (size_t i = 0; i < selection->sweeps_count; i++) {
        free(selection->sweeps[i].name);
        free(selection->sweeps[i].values);
    }
    free(selection->globs);
    free(selection->backends);
    free(selection->procs);
    free(selection->tunes);
    free(selection->sweeps);
    *selection = (struct selection){.globs = NULL};
}
