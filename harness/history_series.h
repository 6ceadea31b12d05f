/* history_series.h - the history by metric: series of values, their changes, and which of these
 * somebody has acknowledged. */
#ifndef SWITCHYARD_HARNESS_HISTORY_SERIES_H
#define SWITCHYARD_HARNESS_HISTORY_SERIES_H

#include "changes.h"
#include "history.h"

/* One value of a series, with where it comes from. */
struct history_point {
    const struct history_entry *entry;
    const struct history_value *value;
};

/* One metric on one machine; ratios of all machines are one series (machine NULL). */
struct history_series {
    const char *name;
    const char *unit;
    const char *machine;
    struct history_point *points; /* the oldest first */
    size_t points_count;
    struct change *changes;
    size_t changes_count;
};

struct history_table {
    struct history_series *series;
    size_t series_count;
};

/* Sorts the history into series of which only (a glob over names; NULL: all) matches the name, and
 * finds their changes. A/A controls are no series. The history must live longer. */
struct history_table history_table(const struct history *history, const char *only);
void history_table_destroy(struct history_table *table);

/* Is a change of the series to the bad? */
bool history_is_worse(const struct history_series *series, const struct change *change);

/* Somebody has looked at a change: a line "REVISION NAME: REASON" of a text file. */
struct acknowledgement {
    char *revision;
    char *name; /* a glob over names of series */
    char *reason;
};

struct acknowledgements {
    struct acknowledgement *items;
    size_t count;
};

/* Reads the file: empty lines and lines that begin with # are skipped. -errno, -EINVAL for a line
 * without a reason; one line in error, with line and column. */
int acknowledgements_load(const char *path, struct acknowledgements *list,
                          char error[RESULT_ERROR_BYTES]);
/* The same from a text in memory; source names it in error. */
int acknowledgements_from_text(const struct json_text *text, const char *source,
                               struct acknowledgements *list, char error[RESULT_ERROR_BYTES]);
void acknowledgements_destroy(struct acknowledgements *list);

/* The reason for the change of that series, or NULL. */
const char *acknowledged(const struct acknowledgements *list, const struct history_series *series,
                         const struct change *change);

#endif
