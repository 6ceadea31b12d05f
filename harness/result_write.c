/* result_write.c - the model into results.json, so that the file on disk is always whole. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "replace.h"
#include "result.h"
#include "result_parts.h"
#include "row_text.h"

#define DUMP_FLAGS (JSON_INDENT(1) | JSON_REAL_PRECISION(12))

static struct piece piece_of(const char *text)
{
    return (struct piece){text, strlen(text)};
}

/* Everything before the rows. */
static char *head_text(const struct results *results)
{
    char *context =
        results->context != NULL ? json_dumps(results->context, DUMP_FLAGS) : alloc_copy("null");
    if (context == NULL) {
        return NULL;
    }
    char *text = alloc_format("{\"schema\": \"" RESULTS_SCHEMA "\",\n\"context\": %s,\n"
                              "\"complete\": %s,\n\"results\": [\n",
                              context, results->complete ? "true" : "false");
    free(context);
    return text;
}

/* The texts of the rows, those that are not kept with their row made anew in `made`. */
static int add_rows(const struct results *results, struct piece *pieces, size_t *count, char **made)
{
    for (size_t i = 0; i < results->rows_count; i++) {
        const struct result_row *row = &results->rows[i];
        if (row->text == NULL) {
            made[i] = row_text(row);
        }
        if (row->text == NULL && made[i] == NULL) {
            return -ENOMEM;
        }
        if (i > 0) {
            pieces[(*count)++] = piece_of(",\n");
        }
        pieces[(*count)++] = piece_of(row->text != NULL ? row->text : made[i]);
    }
    return 0;
}

static int save(const struct results *results, const char *path, bool sync)
{
    char *head = head_text(results);
    struct piece *pieces = alloc_array(2 * results->rows_count + 2, sizeof *pieces);
    char **made = alloc_array(results->rows_count, sizeof *made);
    size_t count = 0;
    int status = -ENOMEM;
    if (head != NULL) {
        pieces[count++] = piece_of(head);
        status = add_rows(results, pieces, &count, made);
        pieces[count++] = piece_of("\n]}\n");
    }
    if (status == 0) {
        status = replace_file(path, pieces, count, sync);
    }
    for (size_t i = 0; i < results->rows_count; i++) {
        free(made[i]);
    }
    free(made);
    free(pieces);
    free(head);
    return status;
}

int results_save(const struct results *results, const char *path)
{
    return save(results, path, true);
}

int results_save_soon(const struct results *results, const char *path)
{
    return save(results, path, false);
}
