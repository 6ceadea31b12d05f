/* results_trace.c - see results_trace.h. */
#include "results_trace.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "report_path.h"
#include "trace_chrome.h"

#define NAME "trace.json"

/* A file beyond this is none that `switchyard trace` wrote with its own limits. */
#define FILE_BYTES_MAX ((off_t)1 << 30)

/* Does it begin as our own files do? Others may have all members in any form. */
static bool is_ours(const json_t *root)
{
    const json_t *first = json_array_get(root, 0);
    const json_t *about = json_object_get(json_object_get(first, "args"), "about");
    const char *schema = json_string_value(json_object_get(about, "schema"));
    return schema != NULL && strcmp(schema, TIMELINE_SCHEMA) == 0;
}

int results_attach_trace(struct results *results, const char *results_path,
                         char error[RESULT_ERROR_BYTES])
{
    char path[PATH_MAX];
    struct stat about;
    json_error_t problem;
    path_beside(path, sizeof path, results_path, NAME);
    if (stat(path, &about) != 0) {
        return 0;
    }
    if (!S_ISREG(about.st_mode) || about.st_size > FILE_BYTES_MAX) {
        snprintf(error, RESULT_ERROR_BYTES, "%.300s: is no file of a timeline", path);
        return -EINVAL;
    }
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &problem);
    if (root == NULL) {
        snprintf(error, RESULT_ERROR_BYTES, "%.300s: line %d column %d: %s", path, problem.line,
                 problem.column, problem.text);
        return -EINVAL;
    }
    if (!is_ours(root)) {
        snprintf(error, RESULT_ERROR_BYTES, "%.300s: does not begin with \"" TIMELINE_SCHEMA "\"",
                 path);
        json_decref(root);
        return -EINVAL;
    }
    results->trace = root;
    return 0;
}
