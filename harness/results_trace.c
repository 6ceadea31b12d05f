/* results_trace.c - see results_trace.h. */
#include "results_trace.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "report_path.h"
#include "trace_chrome.h"

#define NAME "trace.json"

/* Does it begin as our own files do? Others may have all members in any form. */
static bool is_ours(const json_t *root)
{
    const json_t *first = json_array_get(root, 0);
    const json_t *about = json_object_get(json_object_get(first, "args"), "about");
    const char *schema = json_string_value(json_object_get(about, "schema"));
    return schema != NULL && strcmp(schema, TIMELINE_SCHEMA) == 0;
}

int results_read_trace(struct results *results, const struct json_text *text, const char *source,
                       char error[RESULT_ERROR_BYTES])
{
    json_t *root = NULL;
    int status = json_text_parse(text, source, &root, error);
    if (status == 0 && !is_ours(root)) {
        json_text_refuse_at(text, source, 0, "does not begin with \"" TIMELINE_SCHEMA "\"", error);
        json_decref(root);
        status = -EINVAL;
    }
    results->trace = status == 0 ? root : NULL;
    return status;
}

int results_attach_trace(struct results *results, const char *results_path,
                         char error[RESULT_ERROR_BYTES])
{
    char path[PATH_MAX];
    struct json_text text;
    path_beside(path, sizeof path, results_path, NAME);
    if (access(path, F_OK) != 0) {
        return 0;
    }
    int status = json_text_load(path, &text, error);
    if (status == 0) {
        status = results_read_trace(results, &text, path, error);
    }
    json_text_destroy(&text);
    return status;
}
