/* trace_rules.c - see trace_rules.h. Times become whole nanoseconds, so that nothing is rounded. */
#include "trace_rules.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct piece {
    int64_t pid;
    int64_t tid;
    int64_t from;
    int64_t to;
};

struct arrow_end {
    int64_t id;
    int64_t ns;
    bool ends;
};

struct rules {
    struct piece *spans;
    size_t spans_count;
    struct piece *points; /* the ends of arrows: each must lie in a span */
    struct arrow_end *ends;
    size_t ends_count;
    char broken[256];
};

static void *room_for(const json_t *root, size_t bytes)
{
    return calloc(json_array_size(root) + 1, bytes);
}

static void fail(struct rules *rules, size_t i, const char *what)
{
    if (rules->broken[0] == '\0') {
        snprintf(rules->broken, sizeof rules->broken, "event %zu: %s", i, what);
    }
}

static int64_t ns_of(struct rules *rules, size_t i, const json_t *event, const char *name)
{
    const json_t *value = json_object_get(event, name);
    if (!json_is_number(value) || json_number_value(value) < 0) {
        fail(rules, i, name);
        return 0;
    }
    return llround(json_number_value(value) * 1000);
}

static int64_t whole(struct rules *rules, size_t i, const json_t *event, const char *name)
{
    const json_t *value = json_object_get(event, name);
    if (!json_is_integer(value)) {
        fail(rules, i, name);
        return 0;
    }
    return json_integer_value(value);
}

static void take_event(struct rules *rules, size_t i, const json_t *event)
{
    const char *phase = json_string_value(json_object_get(event, "ph"));
    const char *name = json_string_value(json_object_get(event, "name"));
    struct piece piece = {whole(rules, i, event, "pid"), whole(rules, i, event, "tid"), 0, 0};
    if (phase == NULL || strlen(phase) != 1 || strchr("MXsfiC", phase[0]) == NULL) {
        fail(rules, i, "ph");
        return;
    }
    if (name == NULL || name[0] == '\0') {
        fail(rules, i, "name");
    }
    if (phase[0] == 'M' || phase[0] == 'C') {
        if (!json_is_object(json_object_get(event, "args"))) {
            fail(rules, i, "args");
        }
    }
    if (phase[0] == 'M') {
        return;
    }
    piece.from = ns_of(rules, i, event, "ts");
    piece.to = piece.from;
    if (phase[0] == 'X') {
        piece.to += ns_of(rules, i, event, "dur");
        rules->spans[rules->spans_count++] = piece;
    } else if (phase[0] == 's' || phase[0] == 'f') {
        rules->points[rules->ends_count] = piece;
        rules->ends[rules->ends_count++] =
            (struct arrow_end){whole(rules, i, event, "id"), piece.from, phase[0] == 'f'};
    }
}

static int compare_int(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* By row, then by begin; of equal begins the longer first. */
static int compare_pieces(const void *left, const void *right)
{
    const struct piece *a = left;
    const struct piece *b = right;
    int order = compare_int(a->pid, b->pid);
    order = order != 0 ? order : compare_int(a->tid, b->tid);
    order = order != 0 ? order : compare_int(a->from, b->from);
    return order != 0 ? order : compare_int(b->to, a->to);
}

static bool same_row(const struct piece *a, const struct piece *b)
{
    return a->pid == b->pid && a->tid == b->tid;
}

/* Sorted as above, a span must end before the next begins, or hold all of it. As these spans have
 * at most two levels, the enclosing one is the last that was not nested. */
static void check_spans(struct rules *rules)
{
    const struct piece *outer = NULL;
    const struct piece *inner = NULL;
    qsort(rules->spans, rules->spans_count, sizeof *rules->spans, compare_pieces);
    for (size_t i = 0; i < rules->spans_count; i++) {
        const struct piece *span = &rules->spans[i];
        bool first = outer == NULL || !same_row(outer, span);
        bool is_point = !first && span->from == span->to; /* of no length: overlaps nothing */
        if (is_point) {
            continue;
        }
        if (first || span->from >= outer->to) {
            outer = span;
            inner = NULL;
        } else if (span->to > outer->to || (inner != NULL && span->from < inner->to)) {
            fail(rules, i, "a span overlaps another of its row");
        } else {
            inner = span;
        }
    }
}

/* Is the point within a span of its row? The spans are sorted. */
static bool is_within(const struct rules *rules, const struct piece *point)
{
    for (size_t i = 0; i < rules->spans_count; i++) {
        const struct piece *span = &rules->spans[i];
        if (same_row(span, point) && span->from <= point->from && point->from <= span->to) {
            return true;
        }
    }
    return false;
}

static int compare_ends(const void *left, const void *right)
{
    const struct arrow_end *a = left;
    const struct arrow_end *b = right;
    int order = compare_int(a->id, b->id);
    return order != 0 ? order : a->ends - b->ends;
}

static void check_arrows(struct rules *rules)
{
    for (size_t i = 0; i < rules->ends_count; i++) {
        if (!is_within(rules, &rules->points[i])) {
            fail(rules, i, "the end of an arrow lies in no span");
        }
    }
    qsort(rules->ends, rules->ends_count, sizeof *rules->ends, compare_ends);
    for (size_t i = 0; i < rules->ends_count; i += 2) {
        const struct arrow_end *pair = &rules->ends[i];
        bool whole_pair =
            i + 1 < rules->ends_count && pair[0].id == pair[1].id && !pair[0].ends && pair[1].ends;
        if (!whole_pair || pair[0].ns > pair[1].ns) {
            fail(rules, i, "an arrow has not one begin and then one end");
            return;
        }
        if (i + 2 < rules->ends_count && pair[2].id == pair[0].id) {
            fail(rules, i, "two arrows have one id");
        }
    }
}

const char *trace_rules_broken(const json_t *root)
{
    static struct rules rules;
    if (!json_is_array(root) || json_array_size(root) == 0) {
        return "it is no array with events";
    }
    rules = (struct rules){.spans = room_for(root, sizeof *rules.spans),
                           .points = room_for(root, sizeof *rules.points),
                           .ends = room_for(root, sizeof *rules.ends)};
    for (size_t i = 0; i < json_array_size(root); i++) {
        take_event(&rules, i, json_array_get(root, i));
    }
    check_spans(&rules);
    check_arrows(&rules);
    free(rules.spans);
    free(rules.points);
    free(rules.ends);
    return rules.broken[0] != '\0' ? rules.broken : NULL;
}
