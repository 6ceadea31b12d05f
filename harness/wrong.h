/* wrong.h - mistakes of measuring, made on purpose beside the right way, and what each would have
 * said. `switchyard run --wrong` makes them and writes wrong.json; the report reads it.
 *
 * A mistake is one row of a table: one workload, measured rightly and wrongly by turns, so that the
 * machine's drift meets both. Each process gives one number. Nothing of it is in results.json.
 */
#ifndef SWITCHYARD_HARNESS_WRONG_H
#define SWITCHYARD_HARNESS_WRONG_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "result.h"

enum {
    WRONG_KINDS = 5,
    WRONG_PARAMS = 3,
    WRONG_TEXT_BYTES = 512,
};

/* How one number is made of one process. */
struct wrong_way {
    const char *metric;
    bool mean; /* the mean of all single values, not the median */
    int warmup;
    int epochs;
    bool unpinned;
};

struct wrong_param {
    const char *name;
    int64_t value;
};

struct wrong_kind {
    const char *name;
    const char *mistake; /* what was done, for the head of a row */
    const char *lesson;  /* why it misleads */
    const char *workload;
    struct wrong_param params[WRONG_PARAMS]; /* all of the workload's */
    int trials;                              /* of each side and way */
    struct wrong_way right;
    struct wrong_way wrong;
    bool one_process; /* both ways read the same processes */
    bool a_then_b; /* both sides are the green runtime; wrong: all of one, then all of the other */
};

extern const struct wrong_kind wrong_kinds[WRONG_KINDS];

/* NULL if there is none of that name. */
const struct wrong_kind *wrong_find(const char *name);

/* The two sides of a comparison, in words: side 0 or 1. */
const char *wrong_side(const struct wrong_kind *kind, int side);

enum {
    WAY_RIGHT,
    WAY_WRONG,
    WAYS,
    SIDES = 2,
};

/* What came of one mistake. */
struct lesson {
    const struct wrong_kind *kind;
    const char *unit;    /* belongs to the JSON value */
    const char *problem; /* why there are no figures, or NULL; as unit */
    size_t trials;
    struct interval sides[WAYS][SIDES]; /* medians over processes */
    struct interval ratios[WAYS];       /* side 1 / side 0 */
};

/* The lessons in a file that is beside the results, judged. NULL and an empty error if there is no
 * file; NULL and one line if it cannot be used. To be freed by wrong_free. */
struct lessons {
    json_t *root;
    struct lesson lessons[WRONG_KINDS];
    size_t count;
};

struct lessons *wrong_load_beside(const char *results_path, char error[RESULT_ERROR_BYTES]);
struct lessons *wrong_from_json(json_t *root, const char *source, char error[RESULT_ERROR_BYTES]);
/* From a text in memory; the error has line and column. */
struct json_text;
struct lessons *wrong_from_text(const struct json_text *text, const char *source,
                                char error[RESULT_ERROR_BYTES]);
void wrong_free(struct lessons *lessons);

/* "7.00× (6.50× – 7.50×)" of a way. */
struct text_number wrong_ratio_text(const struct lesson *lesson, int way);

/* What the mistake would have made people believe, or that here it did no harm: one sentence. */
void wrong_conclude(const struct lesson *lesson, char *out, size_t size);

#endif
