/* acknowledgements.c - the file of changes that somebody has looked at; see history_series.h. */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "history_series.h"
#include "plot_file.h"

void acknowledgements_destroy(struct acknowledgements *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].revision);
        free(list->items[i].name);
        free(list->items[i].reason);
    }
    free(list->items);
    *list = (struct acknowledgements){.items = NULL};
}

/* "REVISION NAME: REASON"; answers the column of what is missing, or 0. */
static size_t parse_line(const char *line, struct acknowledgement *item, const char **missing)
{
    size_t revision = strcspn(line, " \t");
    const char *name = line + revision + strspn(line + revision, " \t");
    const char *colon = strstr(name, ": ");
    const char *reason = colon != NULL ? colon + 2 + strspn(colon + 2, " \t") : "";
    if (name[0] == '\0' || colon == NULL || colon == name) {
        *missing = "NAME: REASON";
        return (size_t)(name - line) + 1;
    }
    if (reason[0] == '\0') {
        *missing = "the reason";
        return strlen(line) + 1;
    }
    *item = (struct acknowledgement){alloc_format("%.*s", (int)revision, line),
                                     alloc_format("%.*s", (int)(colon - name), name),
                                     alloc_copy(reason)};
    return 0;
}

static int parse_lines(char *text, const char *path, struct acknowledgements *list,
                       char error[RESULT_ERROR_BYTES])
{
    size_t number = 1;
    for (char *line = text; line != NULL; number++) {
        char *end = strchr(line, '\n');
        struct acknowledgement item;
        const char *missing = "";
        if (end != NULL) {
            *end++ = '\0';
        }
        bool empty = line[strspn(line, " \t\r")] == '\0' || line[0] == '#';
        size_t column = empty ? 0 : parse_line(line, &item, &missing);
        if (column > 0) {
            snprintf(error, RESULT_ERROR_BYTES, "%.300s: line %zu column %zu: %s is missing", path,
                     number, column, missing);
            return -EINVAL;
        }
        if (!empty) {
            list->items = alloc_append(list->items, list->count, sizeof *list->items);
            list->items[list->count++] = item;
        }
        line = end;
    }
    return 0;
}

int acknowledgements_load(const char *path, struct acknowledgements *list,
                          char error[RESULT_ERROR_BYTES])
{
    char *text = NULL;
    size_t size = 0;
    *list = (struct acknowledgements){.items = NULL};
    int status = file_read(path, &text, &size);
    if (status < 0) {
        snprintf(error, RESULT_ERROR_BYTES, "%.300s: %s", path, strerror(-status));
        return status;
    }
    status = parse_lines(text, path, list, error);
    free(text);
    if (status < 0) {
        acknowledgements_destroy(list);
    }
    return status;
}

const char *acknowledged(const struct acknowledgements *list, const struct history_series *series,
                         const struct change *change)
{
    const char *revision = series->points[change->at].entry->revision;
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].revision, revision) == 0 &&
            fnmatch(list->items[i].name, series->name, 0) == 0) {
            return list->items[i].reason;
        }
    }
    return NULL;
}
