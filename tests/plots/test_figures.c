/* test_figures.c - the data of each figure from golden.json, a made-up results file with round
 * numbers, against golden/NAME.dat, which was worked out by hand from it: ratios 100 and 150,
 * 4,100 and 35,000 bytes a task, percentiles of 1,000 hops. Only the limits of intervals need a
 * generator of random numbers; they were worked out by a second program (methodology.md). */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot_figure.h"
#include "plot_file.h"
#include "plot_pair.h"
#include "results_trace.h"
#include "suites.h"

static struct results *load_from(const char *folder)
{
    struct results *results = NULL;
    char path[512];
    char error[RESULT_ERROR_BYTES] = "";
    snprintf(path, sizeof path, GOLDEN "%s/golden.json", folder);
    int status = results_load(path, &results, error);
    ck_assert_msg(status == 0, "%s", error);
    return results;
}

static struct results *load(void)
{
    return load_from("");
}

/* The figures of switches have made-up results of their own. */
static const char *folder_of(const struct figure *figure)
{
    static const struct figure *const switches[] = {&figure_anatomy, &figure_ablation,
                                                    &figure_histogram, &figure_time, &figure_pairs};
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++) {
        if (switches[i] == figure) {
            return "/switch";
        }
    }
    return "";
}

/* The figures of I/O, timers, processors and traces, too, with a timeline beside them, worked out
 * by hand from the traces of tests/harness/traces. */
static struct results *load_for(const struct figure *figure)
{
    static const struct figure *const others[] = {
        &figure_echo,    &figure_blocking,       &figure_lateness,        &figure_speedup,
        &figure_preempt, &figure_timeline_green, &figure_timeline_pthread};
    struct results *results = NULL;
    char error[RESULT_ERROR_BYTES] = "";
    if (figure == &figure_crossover) {
        ck_assert_int_eq(results_load(GOLDEN "/programs/golden.json", &results, error), 0);
        return results;
    }
    if (figure == &figure_policy || figure == &figure_deep) {
        ck_assert_int_eq(results_load(GOLDEN "/memory/golden.json", &results, error), 0);
        return results;
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (others[i] == figure) {
            ck_assert_int_eq(results_load(GOLDEN "/io/golden.json", &results, error), 0);
            int status = results_attach_trace(results, GOLDEN "/io/golden.json", error);
            ck_assert_msg(status == 0, "%s", error);
            ck_assert_ptr_nonnull(results->trace);
            return results;
        }
    }
    return load_from(folder_of(figure));
}

START_TEST(test_figure_data_is_golden)
{
    const struct figure *figure = figures[_i];
    struct results *results = load_for(figure);
    struct figure_text text;
    char path[512];
    char *data;
    char *golden;
    size_t size;
    size_t golden_size;
    int status = figure_prepare(figure, results, "golden.json", &text, &data, &size);
    ck_assert_int_eq(status, 0);
    snprintf(path, sizeof path, GOLDEN "/golden/%s.dat", figure->name);
    ck_assert_int_eq(file_read(path, &golden, &golden_size), 0);
    ck_assert_str_eq(data, golden);
    ck_assert_uint_eq(size, golden_size);
    ck_assert(strstr(text.alt, text.title) != NULL);
    free(golden);
    free(data);
    results_free(results);
}
END_TEST

/* A figure without data is not drawn, and says why. */
START_TEST(test_figure_without_data_says_why)
{
    struct results results = {.complete = true};
    struct figure_text text;
    char *data;
    size_t size;
    int status = figure_prepare(figures[_i], &results, "empty.json", &text, &data, &size);
    ck_assert_int_eq(status, -ENODATA);
    ck_assert_ptr_null(data);
    ck_assert_uint_gt(strlen(text.absent), 20);
}
END_TEST

/* A cell that failed has a cross and its reason, and no point, least of all at zero. */
START_TEST(test_figure_failed_cell_is_a_cross)
{
    struct results *results = load();
    struct figure_text text;
    char *data;
    size_t size;
    int status = figure_prepare(&figure_create, results, "golden.json", &text, &data, &size);
    ck_assert_int_eq(status, 0);
    const char *points = strstr(data, "# pthread\n");
    const char *failures = strstr(data, "# failures\n");
    ck_assert_ptr_nonnull(points);
    ck_assert_ptr_nonnull(failures);
    const char *cross = strstr(failures, "\n100000\t");
    ck_assert_ptr_nonnull(cross);
    const char *point = strstr(points, "\n100000\t");
    ck_assert_msg(point == NULL || point > strstr(points, "\n\n"), "a failed cell has a point");
    ck_assert_ptr_nonnull(strstr(failures, "EAGAIN (pids.max is 5000)"));
    ck_assert_ptr_nonnull(strstr(text.alt, "EAGAIN (pids.max is 5000)"));
    free(data);
    results_free(results);
}
END_TEST

static struct result_row *find(const struct results *results, const char *workload,
                               const char *backend)
{
    for (size_t i = 0; i < results->rows_count; i++) {
        struct result_row *row = &results->rows[i];
        if (strcmp(row->workload, workload) == 0 && strcmp(row->backend, backend) == 0) {
            return row;
        }
    }
    ck_abort_msg("no row of %s", workload);
    return NULL;
}

/* No ratio is made of what is not one: noise around nothing, "at least", unequal work. */
START_TEST(test_ratio_only_of_what_compares)
{
    struct results *results = load();
    struct result_row *green = find(results, "create.serial", "green");
    struct result_row *pthread = find(results, "create.serial", "pthread");
    ck_assert_double_eq(pair_ratio(green, pthread).value, 100);
    green->ci_low = -1;
    ck_assert(isnan(pair_ratio(green, pthread).value));
    green->ci_low = green->median;
    json_object_set_new(green->work, "checksum", json_string("other"));
    ck_assert(isnan(pair_ratio(green, pthread).value));

    green = find(results, "create.limit", "green");
    pthread = find(results, "create.limit", "pthread");
    ck_assert(isnan(pair_ratio(green, pthread).value)); /* green reached its max */
    green->params[0].value = pthread->params[0].value = 1000000;
    ck_assert_double_eq(pair_ratio(green, pthread).value, 20); /* more is better: turned round */
    results_free(results);
}
END_TEST

/* A total and its time per task are one ratio: it counts once. */
START_TEST(test_ratio_of_totals_counts_once)
{
    struct results *results = load();
    struct pairs *before = pairs_new(results);
    for (size_t i = 0; i < results->rows_count; i++) {
        struct result_row *row = &results->rows[i];
        if (row->metric != NULL && strcmp(row->workload, "create.batch") == 0) {
            strcpy(row->metric, strcmp(row->metric, "create") == 0 ? "task" : "total");
        }
    }
    struct pairs *after = pairs_new(results);
    ck_assert_uint_eq(before->repeated, 0);
    ck_assert_uint_eq(after->repeated, 1);
    ck_assert_uint_eq(after->count, before->count - 1);
    pairs_free(before);
    pairs_free(after);
    results_free(results);
}
END_TEST

/* A point whose interval reaches below zero is drawn, its bar cut, and the subtitle says so. */
START_TEST(test_figure_bar_below_zero_is_cut)
{
    struct results *results = load();
    struct result_row *row = find(results, "memory.park", "green"); /* 100 tasks, 2 processes */
    struct figure_text text;
    char *data;
    size_t size;
    for (size_t i = 0; i < row->trials_count; i++) {
        json_t *parked = json_array_get(row->trials[i].memory, 1);
        json_object_set_new(parked, "rss_bytes", json_integer(i == 0 ? 0 : 100000000));
    }
    ck_assert_int_eq(figure_prepare(&figure_memory, results, "golden.json", &text, &data, &size),
                     0);
    ck_assert_ptr_nonnull(strstr(text.subtitle, "they reach 0 or below: 1 bar"));
    const char *points = strstr(data, "# green\n");
    ck_assert_ptr_nonnull(points);
    const char *point = strstr(points, "\n100\t");
    double value = 0;
    double low = 0;
    ck_assert_ptr_nonnull(point);
    ck_assert_int_eq(sscanf(point, "\n100\t%lf\t%lf", &value, &low), 2);
    ck_assert_double_eq_tol(low, text.frame.bottom, text.frame.bottom * 1e-4);
    ck_assert_double_gt(value, low);
    free(data);
    results_free(results);
}
END_TEST

/* What has a figure of its own by size or by kind of hog has no rows among the others. */
START_TEST(test_figure_leaves_to_others_what_is_theirs)
{
    static const struct {
        const struct figure *figure;
        const char *file;
        const char *absent;
        const char *says;
    } cases[] = {
        {&figure_ratio, GOLDEN "/programs/golden.json", "crossover", "see their figures"},
        {&figure_ratio, GOLDEN "/io/golden.json", "preempt.hog", "see their figures"},
        {&figure_ablation, GOLDEN "/io/golden.json", "preempt.hog", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char error[RESULT_ERROR_BYTES];
        struct results *results;
        struct figure_text text;
        char *data = NULL;
        size_t size;
        ck_assert_int_eq(results_load(cases[i].file, &results, error), 0);
        int status = figure_prepare(cases[i].figure, results, "golden.json", &text, &data, &size);
        const char *rows = data != NULL ? strstr(data, "\n\n") : NULL; /* behind the texts */
        ck_assert(status == 0 || cases[i].figure == &figure_ablation);
        ck_assert(rows == NULL || strstr(rows, cases[i].absent) == NULL);
        ck_assert_ptr_nonnull(strstr(text.subtitle, cases[i].says));
        free(data);
        results_free(results);
    }
}
END_TEST

Suite *suite_figures(void)
{
    Suite *suite = suite_create("figures");
    TCase *tests = tcase_create("figures");
    tcase_add_loop_test(tests, test_figure_data_is_golden, 0, FIGURES);
    tcase_add_loop_test(tests, test_figure_without_data_says_why, 0, FIGURES);
    tcase_add_test(tests, test_figure_failed_cell_is_a_cross);
    tcase_add_test(tests, test_figure_leaves_to_others_what_is_theirs);
    tcase_add_test(tests, test_figure_bar_below_zero_is_cut);
    tcase_add_test(tests, test_ratio_only_of_what_compares);
    tcase_add_test(tests, test_ratio_of_totals_counts_once);
    suite_add_tcase(suite, tests);
    return suite;
}
