/* acknowledgements.c - the file of changes that somebody has looked at; see history_series.h. */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "history_series.h"
#include "json_text.h"

#define LINE_BYTES_MAX 65536

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

/* The line that begins at that place of the text. */
static int add_line(const struct json_text *text, size_t at, size_t length, const char *source,
                    struct acknowledgements *list, char error[RESULT_ERROR_BYTES])
{
    struct acknowledgement item;
    const char *missing = "";
    char *line = alloc_format("%.*s", (int)length, text->bytes + at);
    bool empty = line[strspn(line, " \t\r")] == '\0' || line[0] == '#';
    size_t column = empty ? 0 : parse_line(line, &item, &missing);
    free(line);
    if (column > 0) {
        char what[32];
        snprintf(what, sizeof what, "%s is missing", missing);
        json_text_refuse_at(text, source, at + column - 1, what, error);
        return -EINVAL;
    }
    if (!empty) {
        list->items = alloc_append(list->items, list->count, sizeof *list->items);
        list->items[list->count++] = item;
    }
    return 0;
}

int acknowledgements_from_text(const struct json_text *text, const char *source,
                               struct acknowledgements *list, char error[RESULT_ERROR_BYTES])
{
    int status = 0;
    *list = (struct acknowledgements){.items = NULL};
    size_t readable = strlen(text->bytes);
    if (readable < text->count) {
        json_text_refuse_at(text, source, readable, "a zero byte is no text", error);
        return -EINVAL;
    }
    for (size_t at = 0; at < text->count && status == 0;) {
        size_t length = strcspn(text->bytes + at, "\n");
        if (length > LINE_BYTES_MAX) {
            json_text_refuse_at(text, source, at, "the line is too long", error);
            status = -EINVAL;
        } else {
            status = add_line(text, at, length, source, list, error);
        }
        at += length + 1;
    }
    if (status < 0) {
        acknowledgements_destroy(list);
    }
    return status;
}

int acknowledgements_load(const char *path, struct acknowledgements *list,
                          char error[RESULT_ERROR_BYTES])
{
    struct json_text text;
    *list = (struct acknowledgements){.items = NULL};
    int status = json_text_load(path, &text, error);
    if (status == 0) {
        status = acknowledgements_from_text(&text, path, list, error);
    }
    json_text_destroy(&text);
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
