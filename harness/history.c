/* history.c - reading and extending the history file; see history.h. */
#include "history.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "json_fields.h"
#include "json_locate.h"
#include "json_text.h"
#include "replace.h"

#define MACHINE_DIGITS 16

static const char schema[] = "switchyard-history/1";

static void destroy_entry(struct history_entry *entry)
{
    for (size_t i = 0; i < entry->values_count; i++) {
        free(entry->values[i].name);
        free(entry->values[i].unit);
    }
    free(entry->values);
    json_decref(entry->about);
    free(entry->time);
    free(entry->revision);
    free(entry->machine);
}

void history_destroy(struct history *history)
{
    for (size_t i = 0; i < history->entries_count; i++) {
        destroy_entry(&history->entries[i]);
    }
    free(history->entries);
    *history = (struct history){.entries = NULL};
}

/* --- Reading --------------------------------------------------------------------------------- */

static void parse_value(struct fields *fields, const json_t *object, struct history_value *value)
{
    value->name = alloc_copy(fields_string(fields, object, "name"));
    value->unit = alloc_copy(fields_string(fields, object, "unit"));
    value->value = fields_number_or_null(fields, object, "value");
    value->low = fields_number_or_null(fields, object, "low");
    value->high = fields_number_or_null(fields, object, "high");
    if (!isfinite(value->value)) {
        fields_fail(fields, "value", "is not a number");
    }
}

static void parse_entry(struct fields *fields, const json_t *root, struct history_entry *entry)
{
    fields_schema(fields, root, schema);
    if (!fields_ok(fields)) {
        return;
    }
    entry->time = alloc_copy(fields_string(fields, root, "time"));
    entry->revision = alloc_copy(fields_string(fields, root, "revision"));
    entry->machine = alloc_copy(fields_string(fields, root, "machine"));
    if (strspn(entry->machine, "0123456789abcdef") != MACHINE_DIGITS ||
        entry->machine[MACHINE_DIGITS] != '\0') {
        fields_fail(fields, "machine", "is not a fingerprint");
    }
    entry->about = json_incref(fields_object(fields, root, "about"));
    const json_t *values = fields_array(fields, root, "values");
    entry->values = alloc_array(json_array_size(values), sizeof *entry->values);
    for (size_t i = 0; i < json_array_size(values) && fields_ok(fields); i++) {
        fields_at(fields, "values[%zu]", i);
        parse_value(fields, json_array_get(values, i), &entry->values[entry->values_count++]);
    }
}

/* The line that begins at that place of the text. */
static int parse_line(const struct json_text *text, size_t at, size_t length, const char *source,
                      struct history *history, char error[RESULT_ERROR_BYTES])
{
    struct fields fields = {.path = ""};
    struct history_entry entry = {.time = NULL};
    const char *line = text->bytes + at;
    json_error_t problem;
    json_t *root = json_loadb(line, length, JSON_REJECT_DUPLICATES, &problem);
    if (root == NULL) {
        size_t position = problem.position > 0 ? (size_t)problem.position - 1 : 0;
        json_text_refuse_at(text, source, at + position, problem.text, error);
        return -EINVAL;
    }
    parse_entry(&fields, root, &entry);
    json_decref(root);
    if (!fields_ok(&fields)) {
        size_t position = json_locate(line, length, fields.error_path);
        json_text_refuse_at(text, source, at + position, fields.error, error);
        destroy_entry(&entry);
        return -EINVAL;
    }
    history->entries =
        alloc_append(history->entries, history->entries_count, sizeof *history->entries);
    history->entries[history->entries_count++] = entry;
    return 0;
}

int history_from_text(const struct json_text *text, const char *source, struct history *history,
                      char error[RESULT_ERROR_BYTES])
{
    int status = 0;
    *history = (struct history){.entries = NULL};
    for (size_t at = 0; at < text->count && status == 0;) {
        const char *end = memchr(text->bytes + at, '\n', text->count - at);
        size_t length = end != NULL ? (size_t)(end - text->bytes) - at : text->count - at;
        status = length > 0 ? parse_line(text, at, length, source, history, error) : 0;
        at += length + 1;
    }
    if (status < 0) {
        history_destroy(history);
    }
    return status;
}

int history_load(const char *path, struct history *history, char error[RESULT_ERROR_BYTES])
{
    struct json_text text;
    *history = (struct history){.entries = NULL};
    int status = json_text_load(path, &text, error);
    if (status == 0) {
        status = history_from_text(&text, path, history, error);
    }
    json_text_destroy(&text);
    return status;
}

const struct history_value *history_find(const struct history_entry *entry, const char *name)
{
    for (size_t i = 0; i < entry->values_count; i++) {
        if (strcmp(entry->values[i].name, name) == 0) {
            return &entry->values[i];
        }
    }
    return NULL;
}

size_t history_controls(const struct history *history, const char *machine, const char *workload,
                        double **logs)
{
    size_t count = 0;
    char *name = alloc_format("%s A/A", workload);
    *logs = alloc_array(history->entries_count, sizeof **logs);
    for (size_t i = 0; i < history->entries_count; i++) {
        const struct history_entry *entry = &history->entries[i];
        const struct history_value *value = history_find(entry, name);
        if (value != NULL && strcmp(entry->machine, machine) == 0 &&
            strcmp(value->unit, HISTORY_CONTROL) == 0) {
            (*logs)[count++] = value->value;
        }
    }
    free(name);
    return count;
}

/* --- Writing --------------------------------------------------------------------------------- */

/* Writes behind what is there, or, on a full disk, leaves the file as it was: half a line would
 * make all of it unreadable. */
static int write_line(int file, const char *json)
{
    struct stat about;
    char last = '\n';
    if (fstat(file, &about) != 0 ||
        (about.st_size > 0 && pread(file, &last, 1, about.st_size - 1) != 1)) {
        return -EIO;
    }
    /* An editor may have left the last line without its end. */
    char *text = alloc_format("%s%s\n", last == '\n' ? "" : "\n", json);
    int status = replace_write_all(file, text, strlen(text));
    free(text);
    if (status < 0 && ftruncate(file, about.st_size) != 0) {
        return -errno;
    }
    if (status == 0 && fsync(file) != 0 && errno != EINVAL && errno != EROFS) {
        status = -errno;
    }
    return status;
}

/* Until we close the file nobody else appends to it or takes lines away. */
static int lock_file(int file)
{
    int status;
    do {
        status = flock(file, LOCK_EX) == 0 ? 0 : -errno;
    } while (status == -EINTR);
    return status;
}

int history_append(const char *path, const json_t *line)
{
    char *json = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(9));
    if (json == NULL) {
        return -ENOMEM;
    }
    int file = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    int status = file < 0 ? -errno : lock_file(file);
    if (status == 0) {
        status = write_line(file, json);
    }
    if (file >= 0) {
        close(file);
    }
    free(json);
    return status;
}
