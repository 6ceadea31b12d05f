/* gate_count.c - layer A of a gate run: two builds counted, or one and the baseline file. */
#include <errno.h>
#include <stdio.h>

#include "gate.h"
#include "target.h"

/* Are the counts in the file comparable with ours? If not, says loudly in what they differ. */
static bool same_fingerprint(const struct gate *gate, const json_t *theirs, const json_t *ours)
{
    const char *name;
    json_t *value;
    bool same = true;
    json_object_foreach((json_t *)(uintptr_t)ours, name, value)
    {
        const json_t *other = json_object_get(theirs, name);
        if (!json_equal(value, other)) {
            fprintf(stderr,
                    "switchyard gate: SKIPPED: %s was counted with %s \"%s\", here it is "
                    "\"%s\"; --update writes it anew\n",
                    gate->options.baseline, name,
                    json_is_string(other) ? json_string_value(other) : "?",
                    json_string_value(value));
            same = false;
        }
    }
    return same;
}

/* All of head is compared, whatever the file holds. */
static int count_all_rows(struct gate *gate, const struct exact_tools *tools, char *error)
{
    const struct gate_cell *cell = exact_baseline_lacks(&gate->exact, &gate->head);
    if (cell != NULL) {
        snprintf(error, RESULT_ERROR_BYTES, "%.300s has no %s: --update writes it anew",
                 gate->options.baseline, cell->workload);
        return -EINVAL;
    }
    return exact_layer_count(&gate->exact, tools, &gate->head, &gate->cpus, false, error);
}

static int count_against_file(struct gate *gate, const struct exact_tools *tools, char *error)
{
    json_t *theirs = NULL;
    json_t *ours = exact_fingerprint(tools);
    int status = exact_baseline_load(&gate->exact, &theirs, gate->options.baseline, error);
    if (status == 0 && !same_fingerprint(gate, theirs, ours)) {
        snprintf(gate->exact_skipped, sizeof gate->exact_skipped,
                 "the baseline was counted with other tools");
    } else if (status == 0) {
        status = count_all_rows(gate, tools, error);
    }
    json_decref(theirs);
    json_decref(ours);
    return status;
}

static int update_file(struct gate *gate, const struct exact_tools *tools, char *error)
{
    const char *path = gate->options.baseline;
    int status = exact_layer_count(&gate->exact, tools, &gate->head, &gate->cpus, false, error);
    if (status < 0) {
        return status;
    }
    for (size_t i = 0; i < gate->exact.rows_count; i++) {
        gate->exact.rows[i].base = gate->exact.rows[i].head;
    }
    json_t *fingerprint = exact_fingerprint(tools);
    status = exact_baseline_save(&gate->exact, fingerprint, path);
    json_decref(fingerprint);
    if (status < 0) {
        snprintf(error, RESULT_ERROR_BYTES, "%.300s: %s", path, target_problem(status));
    }
    return status;
}

static int count_builds(struct gate *gate, const struct exact_tools *tools, char *error)
{
    int status = exact_layer_count(&gate->exact, tools, &gate->base, &gate->cpus, true, error);
    return status < 0
               ? status
               : exact_layer_count(&gate->exact, tools, &gate->head, &gate->cpus, false, error);
}

/* A file's counts are without clocks: sets why ours are not comparable if head cannot do that. */
static int find_words(struct gate *gate, char *error)
{
    int status = exact_words_find(&gate->head, &gate->cpus, error);
    if (gate->options.baseline == NULL) {
        return status < 0 ? status : exact_words_find(&gate->base, &gate->cpus, error);
    }
    if (status == 0 && gate->head.clocks_unknown[0] != '\0') {
        snprintf(gate->exact_skipped, sizeof gate->exact_skipped,
                 "head does not know %s, with which a baseline is counted",
                 gate->head.clocks_unknown);
    }
    return status;
}

static int find_and_count(struct gate *gate, char *error)
{
    struct exact_tools tools;
    int status = exact_tools_find(&tools, gate->exact_skipped);
    if (status == -ENOENT) {
        return 0;
    }
    gate->exact_skipped[0] = '\0';
    if (status == 0) {
        status = find_words(gate, error);
    }
    if (status < 0 || gate->exact_skipped[0] != '\0') {
        exact_tools_destroy(&tools);
        return status;
    }
    if (gate->options.update) {
        status = update_file(gate, &tools, error);
    } else if (gate->options.baseline != NULL) {
        status = count_against_file(gate, &tools, error);
    } else {
        status = count_builds(gate, &tools, error);
    }
    if (status == 0) {
        exact_layer_judge(&gate->exact);
    }
    exact_tools_destroy(&tools);
    return status;
}

int gate_count(struct gate *gate, char error[RESULT_ERROR_BYTES])
{
    int status = find_and_count(gate, error);
    if (gate->exact_skipped[0] != '\0') {
        exact_layer_destroy(&gate->exact); /* rows without counts would have verdicts */
    }
    return status;
}
