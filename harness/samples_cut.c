/* samples_cut.c - see samples_cut.h. */
#include "samples_cut.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "number_text.h"

/* { "results": [ { "trials": [ { "samples": [ */
#define LEVELS 5
#define INDEX_BYTES 32

static const char kinds[LEVELS + 1] = {'\0', '{', '[', '{', '[', '{'};
static const char *const keys[LEVELS + 1] = {NULL, "results", NULL, "trials", NULL, "samples"};

struct scan {
    const char *text;
    size_t bytes;
    size_t at;
    size_t copied; /* everything before has gone to the rest */
    size_t depth;
    bool right[LEVELS + 1]; /* is the bracket of this level, with its present key, on the path? */
    bool odd;               /* a key with escapes might be any: leave the file alone */
    struct samples_cut *cut;
    size_t cuts_room;
    size_t rest_room;
};

static void keep(struct scan *scan, const char *bytes, size_t count)
{
    struct json_text *rest = &scan->cut->rest;
    if (rest->count + count + 1 > scan->rest_room) {
        scan->rest_room = 2 * scan->rest_room + count + 1;
        rest->bytes = alloc_resize(rest->bytes, scan->rest_room);
    }
    memcpy(rest->bytes + rest->count, bytes, count);
    rest->count += count;
    rest->bytes[rest->count] = '\0';
}

static const char *skip_blanks(const char *at)
{
    while (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r') {
        at++;
    }
    return at;
}

/* Reads "[number, number …]". NULL if that is not what stands there. */
static const char *read_array(const char *at, struct cut *cut, size_t room)
{
    cut->values = alloc_array(room, sizeof *cut->values);
    for (;;) {
        at = skip_blanks(at + 1); /* behind the bracket or the comma */
        cut->values = alloc_grow(cut->values, cut->count, &room, sizeof *cut->values);
        at = number_read(at, &cut->values[cut->count]);
        if (at == NULL) {
            return NULL;
        }
        cut->count++;
        at = skip_blanks(at);
        if (*at == ']') {
            return at + 1;
        }
        if (*at != ',') {
            return NULL;
        }
    }
}

/* Stands at the bracket of samples. */
static void cut_array(struct scan *scan)
{
    struct samples_cut *all = scan->cut;
    char index[INDEX_BYTES];
    struct cut cut = {.from = scan->at};
    size_t room = all->count > 0 ? all->cuts[all->count - 1].count : 1; /* they are often alike */
    const char *end = read_array(scan->text + scan->at, &cut, room);
    if (end == NULL) {
        free(cut.values);
        return;
    }
    cut.until = (size_t)(end - scan->text);
    keep(scan, scan->text + scan->copied, scan->at - scan->copied);
    int length = snprintf(index, sizeof index, "[%zu]", all->count);
    keep(scan, index, (size_t)length);
    cut.after = all->rest.count;
    all->cuts = alloc_grow(all->cuts, all->count, &scan->cuts_room, sizeof *all->cuts);
    all->cuts[all->count++] = cut;
    scan->copied = cut.until;
    scan->at = cut.until - 1; /* the closing bracket is seen next, as if the array were empty */
    scan->depth++;
}

static void open_bracket(struct scan *scan, char bracket)
{
    bool on_path = scan->depth == 0 || (scan->depth <= LEVELS && scan->right[scan->depth]);
    if (bracket == '[' && scan->depth == LEVELS && on_path) {
        size_t before = scan->cut->count;
        cut_array(scan);
        if (scan->cut->count > before) {
            return;
        }
    }
    scan->depth++;
    if (scan->depth <= LEVELS) { /* an object becomes right with its key */
        scan->right[scan->depth] = on_path && kinds[scan->depth] == '[' && bracket == '[';
    }
    scan->at++;
}

/* A string; if it is a key, the object is on the path or not from here on. */
static void read_string(struct scan *scan)
{
    size_t start = scan->at + 1;
    bool escapes = false;
    size_t end = start;
    while (end < scan->bytes && scan->text[end] != '"') {
        escapes |= scan->text[end] == '\\';
        end += scan->text[end] == '\\' ? 2 : 1;
    }
    scan->at = end < scan->bytes ? end + 1 : scan->bytes;
    size_t depth = scan->depth;
    if (*skip_blanks(scan->text + scan->at) != ':' || depth == 0 || depth > LEVELS) {
        return;
    }
    scan->odd |= escapes;
    bool above = depth == 1 || scan->right[depth - 1];
    scan->right[depth] = above && keys[depth] != NULL && strlen(keys[depth]) == end - start &&
                         memcmp(keys[depth], scan->text + start, end - start) == 0;
}

static void scan_text(struct scan *scan)
{
    while (scan->at < scan->bytes && !scan->odd) {
        char c = scan->text[scan->at];
        if (c == '"') {
            read_string(scan);
        } else if (c == '{' || c == '[') {
            open_bracket(scan, c);
        } else {
            if ((c == '}' || c == ']') && scan->depth-- == 0) {
                return; /* no JSON: jansson will say so */
            }
            scan->at++;
        }
    }
}

void samples_cut(const struct json_text *text, struct samples_cut *cut)
{
    *cut = (struct samples_cut){.cuts = NULL};
    struct scan scan = {.text = text->bytes, .bytes = text->count, .cut = cut};
    scan_text(&scan);
    if (scan.odd) {
        samples_cut_destroy(cut);
        scan = (struct scan){.text = text->bytes, .bytes = text->count, .cut = cut};
    }
    keep(&scan, text->bytes + scan.copied, text->count - scan.copied);
}

size_t samples_cut_position(const struct samples_cut *cut, size_t position)
{
    size_t moved = 0;
    for (size_t i = 0; i < cut->count && cut->cuts[i].after <= position; i++) {
        moved = cut->cuts[i].until - cut->cuts[i].after;
    }
    return position + moved;
}

double *samples_cut_take(const struct samples_cut *cut, const json_t *array, size_t *count)
{
    const json_t *index = json_array_get(array, 0);
    if (json_array_size(array) != 1 || !json_is_integer(index) || json_integer_value(index) < 0 ||
        (size_t)json_integer_value(index) >= cut->count) {
        return NULL;
    }
    struct cut *taken = &cut->cuts[json_integer_value(index)];
    double *values = taken->values;
    *count = values != NULL ? taken->count : 0;
    taken->values = NULL;
    return values;
}

void samples_cut_destroy(struct samples_cut *cut)
{
    for (size_t i = 0; i < cut->count; i++) {
        free(cut->cuts[i].values);
    }
    free(cut->cuts);
    json_text_destroy(&cut->rest);
    *cut = (struct samples_cut){.cuts = NULL};
}
