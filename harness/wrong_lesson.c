/* wrong_lesson.c - reads wrong.json, and says what each mistake would have made people believe. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "json_fields.h"
#include "json_text.h"
#include "plot_text.h"
#include "report_path.h"
#include "wrong.h"
#include "wrong_file.h"

/* Of the bootstrap: part of the answer, so that the same file gives the same bytes. */
#define SEED 20010911

/* The numbers of one side, or NULL after an error. */
static double *read_values(struct fields *fields, const json_t *array, size_t count)
{
    double *values = alloc_array(count, sizeof *values);
    if (json_array_size(array) != count) {
        fields_fail(fields, NULL, "has sides of different lengths");
    }
    for (size_t i = 0; i < count && fields_ok(fields); i++) {
        const json_t *value = json_array_get(array, i);
        if (!json_is_number(value) || !isfinite(json_number_value(value))) {
            fields_fail(fields, NULL, "holds something else than numbers");
        }
        values[i] = json_number_value(value);
    }
    return values;
}

static void judge_way(struct fields *fields, const json_t *object, const char *name,
                      struct lesson *lesson, int way)
{
    const json_t *sides = fields_array(fields, object, name);
    if (fields_ok(fields) && json_array_size(sides) != SIDES) {
        fields_fail(fields, name, "does not have two sides");
    }
    size_t count = json_array_size(json_array_get(sides, 0));
    double *values[SIDES];
    double *ratios = alloc_array(count, sizeof *ratios);
    for (int side = 0; side < SIDES; side++) {
        values[side] = read_values(fields, json_array_get(sides, (size_t)side), count);
    }
    for (size_t i = 0; i < count && fields_ok(fields); i++) {
        ratios[i] = values[1][i] / values[0][i];
        if (!isfinite(ratios[i])) {
            fields_fail(fields, name, "has a ratio that is no number");
        }
    }
    if (fields_ok(fields)) {
        lesson->trials = count;
        lesson->sides[way][0] = stats_bootstrap_median(values[0], count, SEED);
        lesson->sides[way][1] = stats_bootstrap_median(values[1], count, SEED);
        lesson->ratios[way] = stats_bootstrap_median(ratios, count, SEED);
    }
    free(values[0]);
    free(values[1]);
    free(ratios);
}

static void read_lesson(struct fields *fields, const json_t *object, struct lesson *lesson)
{
    const char *name = fields_string(fields, object, "kind");
    lesson->kind = wrong_find(name);
    if (fields_ok(fields) && lesson->kind == NULL) {
        fields_fail(fields, "kind", "\"%.40s\" is none that this program knows", name);
    }
    lesson->unit = fields_string(fields, object, "unit");
    lesson->problem = fields_string_or_null(fields, object, "problem");
    if (fields_ok(fields) && lesson->problem == NULL) {
        judge_way(fields, object, "right", lesson, WAY_RIGHT);
        judge_way(fields, object, "wrong", lesson, WAY_WRONG);
    }
}

static struct lessons *read_lessons(struct fields *fields, json_t *root)
{
    struct lessons *lessons = alloc_array(1, sizeof *lessons);
    lessons->root = json_incref(root);
    fields_schema(fields, root, WRONG_SCHEMA);
    const json_t *array = fields_array(fields, root, "lessons");
    if (json_array_size(array) > WRONG_KINDS) {
        fields_fail(fields, "lessons", "are more than there are kinds");
    }
    for (size_t i = 0; i < json_array_size(array) && fields_ok(fields); i++) {
        fields_at(fields, "lessons[%zu]", i);
        read_lesson(fields, json_array_get(array, i), &lessons->lessons[lessons->count++]);
    }
    if (fields_ok(fields)) {
        return lessons;
    }
    wrong_free(lessons);
    return NULL;
}

struct lessons *wrong_from_json(json_t *root, const char *source, char error[RESULT_ERROR_BYTES])
{
    struct fields fields = {.path = ""};
    struct lessons *lessons = read_lessons(&fields, root);
    if (lessons == NULL) {
        snprintf(error, RESULT_ERROR_BYTES, "%.200s: %s", source, fields.error);
    }
    return lessons;
}

struct lessons *wrong_from_text(const struct json_text *text, const char *source,
                                char error[RESULT_ERROR_BYTES])
{
    struct fields fields = {.path = ""};
    json_t *root = NULL;
    if (json_text_parse(text, source, &root, error) < 0) {
        return NULL;
    }
    struct lessons *lessons = read_lessons(&fields, root);
    if (lessons == NULL) {
        json_text_refuse(text, source, &fields, error);
    }
    json_decref(root);
    return lessons;
}

struct lessons *wrong_load_beside(const char *results_path, char error[RESULT_ERROR_BYTES])
{
    char path[PATH_MAX];
    struct json_text text;
    struct lessons *lessons = NULL;
    path_beside(path, sizeof path, results_path, WRONG_FILE);
    int status = json_text_load(path, &text, error);
    if (status == 0) {
        lessons = wrong_from_text(&text, path, error);
    } else if (status == -ENOENT) {
        error[0] = '\0';
    }
    json_text_destroy(&text);
    return lessons;
}

void wrong_free(struct lessons *lessons)
{
    if (lessons != NULL) {
        json_decref(lessons->root);
        free(lessons);
    }
}

struct text_number wrong_ratio_text(const struct lesson *lesson, int way)
{
    struct text_number text;
    struct interval ratio = lesson->ratios[way];
    text_format(text.s, sizeof text.s, "%s (%s – %s)", text_ratio(ratio.value).s,
                text_ratio(ratio.low).s, text_ratio(ratio.high).s);
    return text;
}

/* Can the two be told apart? A single process has no interval, and tells nothing. */
static bool differ(const struct lesson *lesson, struct interval a, struct interval b)
{
    return lesson->trials > 1 && (a.high < b.low || b.high < a.low);
}

static void conclude_same(const struct lesson *lesson, char *out, size_t size)
{
    struct interval ratio = lesson->ratios[WAY_WRONG];
    struct interval one = {1, 1, 1};
    if (differ(lesson, ratio, one)) {
        text_format(out, size,
                    "It would have found a difference of %s %% between a program and itself",
                    text_significant(100 * fabs(ratio.value - 1)).s);
    } else {
        text_format(out, size,
                    "Here it did no harm: the machine did not drift enough while this ran");
    }
    if (differ(lesson, lesson->ratios[WAY_RIGHT], one)) {
        text_append(out, size,
                    ". The right way found one of %s %%, too: noise that its interval "
                    "does not cover",
                    text_significant(100 * fabs(lesson->ratios[WAY_RIGHT].value - 1)).s);
    }
}

void wrong_conclude(const struct lesson *lesson, char *out, size_t size)
{
    size_t told = 0;
    out[0] = '\0';
    if (lesson->kind->a_then_b) {
        conclude_same(lesson, out, size);
        return;
    }
    for (int side = 0; side < SIDES; side++) {
        struct interval right = lesson->sides[WAY_RIGHT][side];
        struct interval wrong = lesson->sides[WAY_WRONG][side];
        if (differ(lesson, right, wrong)) {
            text_append(out, size, "%s %s at %s of what they cost",
                        told++ == 0 ? "It would have put" : " and", wrong_side(lesson->kind, side),
                        text_ratio(wrong.value / right.value).s);
        }
    }
    if (differ(lesson, lesson->ratios[WAY_RIGHT], lesson->ratios[WAY_WRONG])) {
        text_append(out, size, "%s the ratio between them %s in place of %s",
                    told++ == 0 ? "It would have made" : ", and would have made",
                    text_ratio(lesson->ratios[WAY_WRONG].value).s,
                    text_ratio(lesson->ratios[WAY_RIGHT].value).s);
    }
    if (told == 0) {
        text_format(out, size, "Here it made no difference that can be told from noise");
    }
}
