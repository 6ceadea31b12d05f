/* test_plan.c - the plan: which cells, in which order, and what is refused. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "allotment.h"
#include "experiment.h"
#include "plan.h"
#include "suites.h"

static const char list_format[] =
    "{\"schema\": \"switchyard-worker/1\", \"backend\": \"%s\", \"workloads\": ["
    "{\"name\": \"switch.ring\", \"summary\": \"s\", \"green_only\": false, \"params\": ["
    "{\"name\": \"tasks\", \"value\": 10, \"min\": 2, \"max\": 1000, \"unit\": \"u\", \"help\": "
    "\"h\"},"
    "{\"name\": \"rounds\", \"value\": 7, \"min\": 1, \"max\": 9, \"unit\": \"u\", \"help\": "
    "\"h\"}]},"
    "{\"name\": \"switch.yield\", \"summary\": \"s\", \"green_only\": false, \"params\": []},"
    "{\"name\": \"skynet\", \"summary\": \"s\", \"green_only\": false, \"params\": []}]}";

static struct catalogue catalogues[2];
static struct selection selection;
static struct plan plan;
static char error[RESULT_ERROR_BYTES];

static void load_catalogue(const char *backend, struct catalogue *catalogue)
{
    char text[2048];
    int length = snprintf(text, sizeof text, list_format, backend);
    ck_assert_int_eq(catalogue_parse(text, (size_t)length, backend, "worker", catalogue, error), 0);
}

static void setup(void)
{
    load_catalogue("green", &catalogues[0]);
    load_catalogue("pthread", &catalogues[1]);
    selection = (struct selection){.trials = 4, .epochs = 3, .estimate_ns = 1000};
    selection_add_backends(&selection, "green,pthread");
    selection_add_procs(&selection, "1");
    error[0] = '\0';
}

static void teardown(void)
{
    plan_destroy(&plan);
    selection_destroy(&selection);
    catalogue_destroy(&catalogues[0]);
    catalogue_destroy(&catalogues[1]);
}

static int build(uint64_t seed)
{
    return plan_build(&selection, 1, catalogues, 2, seed, &plan, error);
}

START_TEST(test_plan_sweeps_are_combined)
{
    selection_add_globs(&selection, "switch.ring");
    selection_add_sweep(&selection, "tasks=2,20,200");
    selection_add_sweep(&selection, "rounds=1,9");
    ck_assert_int_eq(build(1), 0);
    ck_assert_uint_eq(plan.units, 6);
    ck_assert_uint_eq(plan.cells_count, 12);
    ck_assert_uint_eq(plan.steps_count, 48);
    ck_assert_int_eq(plan.cells[0].params[0].value, 2);
    ck_assert_int_eq(plan.cells[0].params[1].value, 1);
    ck_assert_int_eq(plan.cells[5].params[0].value, 200);
    ck_assert_int_eq(plan.cells[5].params[1].value, 9);
    ck_assert_int_eq(plan_estimate_ns(&plan, 0), 48000);
    plan_learn(&plan, plan.steps[0].cell, 5000);
    ck_assert_int_eq(plan_estimate_ns(&plan, 0), 48000 + 4 * 4000);
}
END_TEST

/* A swept parameter must not leak into the next number of procs, nor a default be lost. */
START_TEST(test_plan_defaults_and_procs)
{
    selection_add_globs(&selection, "switch.*");
    selection_add_procs(&selection, "2");
    selection_add_sweep(&selection, "tasks=2,3");
    ck_assert_int_eq(build(1), 0);
    ck_assert_uint_eq(plan.units, 2 * 2 + 2);
    for (size_t i = 0; i < plan.cells_count; i++) {
        const struct cell *cell = &plan.cells[i];
        if (cell->params_count > 0) {
            ck_assert_int_eq(cell->params[1].value, 7);
        }
    }
}
END_TEST

START_TEST(test_plan_is_seeded)
{
    struct step first[64];
    selection_add_globs(&selection, "*");
    ck_assert_int_eq(build(5), 0);
    ck_assert_uint_le(plan.steps_count, 64);
    memcpy(first, plan.steps, plan.steps_count * sizeof *first);
    plan_destroy(&plan);
    ck_assert_int_eq(build(5), 0);
    ck_assert_mem_eq(first, plan.steps, plan.steps_count * sizeof *first);
    plan_destroy(&plan);
    ck_assert_int_eq(build(6), 0);
    ck_assert_mem_ne(first, plan.steps, plan.steps_count * sizeof *first);
}
END_TEST

/* Each block holds every cell once, and the cells of a unit stand side by side. */
START_TEST(test_plan_blocks_are_balanced)
{
    selection_add_globs(&selection, "*");
    ck_assert_int_eq(build(_i), 0);
    size_t cells = plan.cells_count;
    ck_assert_uint_eq(plan.steps_count, 4 * cells);
    for (size_t i = 0; i < plan.steps_count; i++) {
        ck_assert_int_eq(plan.steps[i].trial, (int)(i / cells));
        for (size_t k = i + 1; k < (i / cells + 1) * cells; k++) {
            ck_assert_uint_ne(plan.steps[i].cell, plan.steps[k].cell);
        }
        size_t unit = plan.cells[plan.steps[i].cell].unit;
        ck_assert_uint_eq(unit, plan.cells[plan.steps[i ^ 1].cell].unit);
    }
}
END_TEST

/* Each setting is a unit of its own, and only the green runtime has settings. */
START_TEST(test_plan_tunes_only_green)
{
    selection_add_globs(&selection, "skynet");
    ck_assert_int_eq(selection_add_tune(&selection, "none"), 0);
    ck_assert_int_eq(selection_add_tune(&selection, "nosteal,nospin"), 0);
    ck_assert_int_eq(build(1), 0);
    ck_assert_uint_eq(plan.units, 2);
    ck_assert_uint_eq(plan.cells_count, 3);
    for (size_t i = 0; i < plan.cells_count; i++) {
        const struct cell *cell = &plan.cells[i];
        ck_assert(cell->tune == NULL || strcmp(cell->catalogue->backend, "green") == 0);
        ck_assert_uint_eq(cell->unit, cell->tune == NULL ? 0 : 1);
    }
}
END_TEST

START_TEST(test_plan_refuses_nothing_to_tune)
{
    selection_add_globs(&selection, "skynet");
    selection_add_tune(&selection, "nosteal");
    free(selection.backends[0]); /* only pthread is left */
    selection.backends[0] = selection.backends[1];
    selection.backends_count = 1;
    ck_assert_int_eq(build(1), -EINVAL);
    ck_assert_str_eq(error, "nothing to run: only the green runtime can be tuned");
}
END_TEST

static const char *const bad_tunes[] = {"", "nosteal,", ",nospin", "no steal", "NOSTEAL", "a;b"};

START_TEST(test_selection_refuses_tune)
{
    ck_assert_int_eq(selection_add_tune(&selection, bad_tunes[_i]), -EINVAL);
    ck_assert_uint_eq(selection.tunes_count, 0);
}
END_TEST

/* Which back end ran first in each block: over two blocks, each once. */
START_TEST(test_plan_back_ends_take_turns)
{
    selection_add_globs(&selection, "skynet");
    ck_assert_int_eq(build(_i), 0);
    ck_assert_uint_eq(plan.steps_count, 8);
    for (size_t i = 0; i < 8; i += 4) {
        ck_assert_uint_ne(plan.steps[i].cell, plan.steps[i + 2].cell);
    }
}
END_TEST

START_TEST(test_plan_same_cell_once)
{
    struct selection twice[2] = {selection, selection};
    twice[0].globs = twice[1].globs = NULL;
    twice[1].trials = 6;
    selection_add_globs(&twice[0], "skynet");
    selection_add_globs(&twice[1], "sky*");
    ck_assert_int_eq(plan_build(twice, 2, catalogues, 2, 1, &plan, error), 0);
    ck_assert_uint_eq(plan.cells_count, 2);
    ck_assert_uint_eq(plan.steps_count, 12);
    for (int i = 0; i < 2; i++) {
        free(twice[i].globs[0]); /* the rest is shared with the fixture's */
        free(twice[i].globs);
    }
}
END_TEST

/* How many trials of each unit are done when there is so much time, and each trial takes what its
 * cell is estimated to. */
static void run_within(int64_t budget_ns, int done[3])
{
    struct allotment *allotment = allotment_new(&plan);
    int64_t spent_ns = 0;
    size_t left_out = 0;
    memset(done, 0, 3 * sizeof *done);
    for (size_t i = 0; i < plan.steps_count; i++) {
        const struct cell *cell = &plan.cells[plan.steps[i].cell];
        if (allotment_allows(allotment, i, budget_ns - spent_ns)) {
            spent_ns += cell->estimate_ns;
            done[cell->unit]++;
        } else {
            left_out++;
        }
    }
    ck_assert_uint_eq(allotment_left_out(allotment), left_out);
    allotment_free(allotment);
}

/* Three units of two back ends, four trials each; a trial takes 1, 10 and 100. */
static void build_unequal(uint64_t seed)
{
    selection_add_globs(&selection, "*");
    ck_assert_int_eq(build(seed), 0);
    ck_assert_uint_eq(plan.units, 3);
    for (size_t i = 0; i < plan.cells_count; i++) {
        static const int64_t takes[] = {1, 10, 100};
        plan_learn(&plan, i, takes[plan.cells[i].unit]);
    }
}

static const struct {
    int64_t budget_ns;
    int done[3];
} allotments[] = {
    {888, {8, 8, 8}}, {887, {8, 8, 6}}, /* the last block has no room for the dear one */
    {500, {8, 8, 4}},                   /* and none of the last two */
    {444, {4, 4, 4}},                   /* the time is over with a block */
    {250, {8, 4, 2}}, /* 222 for the first block, 22 for two units of the next, 2 for one of each */
    {224, {4, 2, 2}}, {0, {2, 2, 2}}, /* the first block is always done */
};

/* Whatever the order in the blocks is. */
START_TEST(test_allotment_leaves_out_the_dearest)
{
    int done[3];
    for (uint64_t seed = 0; seed < 20; seed++) {
        build_unequal(seed);
        run_within(allotments[_i].budget_ns, done);
        for (size_t unit = 0; unit < 3; unit++) {
            ck_assert_msg(done[unit] == allotments[_i].done[unit], "unit %zu: %d trials, seed %d",
                          unit, done[unit], (int)seed);
        }
        plan_destroy(&plan);
        free(selection.globs[0]);
        selection.globs_count = 0;
    }
}
END_TEST

/* A block that takes longer than it was thought to goes on only with what still fits, and a pair
 * that was begun is ended. */
START_TEST(test_allotment_meanwhile_late)
{
    build_unequal(1);
    struct allotment *allotment = allotment_new(&plan);
    size_t block = plan.cells_count;
    ck_assert(allotment_allows(allotment, 0, -1));
    ck_assert(allotment_allows(allotment, block, 222));
    ck_assert(allotment_allows(allotment, block + 1, 0));
    ck_assert(!allotment_allows(allotment, block + 2, 0));
    ck_assert(!allotment_allows(allotment, block + 3, 222));
    ck_assert_uint_eq(allotment_left_out(allotment), 2);
    allotment_free(allotment);
}
END_TEST

static const struct {
    const char *glob;
    const char *sweep;
    const char *says;
} refusals[] = {
    {"nope", NULL, "no workload of green matches \"nope\""},
    {"switch.yield", "tasks=2", "unknown parameter \"tasks\""},
    {"switch.*", "task=2", "unknown parameter \"task\""},
    {"switch.ring", "tasks=0", "switch.ring: tasks=0 is not in 2 ... 1000"},
    {"switch.ring", "tasks=2,1001", "switch.ring: tasks=1001 is not in 2 ... 1000"},
};

START_TEST(test_plan_refuses)
{
    selection_add_globs(&selection, refusals[_i].glob);
    if (refusals[_i].sweep != NULL) {
        selection_add_sweep(&selection, refusals[_i].sweep);
    }
    ck_assert_int_eq(build(1), -EINVAL);
    ck_assert_msg(strstr(error, refusals[_i].says) != NULL, "says: %s", error);
}
END_TEST

START_TEST(test_plan_refuses_unknown_backend)
{
    selection_add_globs(&selection, "skynet");
    selection_add_backends(&selection, "fibers");
    ck_assert_int_eq(build(1), -EINVAL);
    ck_assert_str_eq(error, "unknown back end \"fibers\"");
}
END_TEST

static const char *const bad_sweeps[] = {
    "tasks",     "=1",        "tasks=",  "tasks=1,,2",
    "tasks=1,x", "tasks=1.5", "tasks= ", "tasks=99999999999999999999"};

START_TEST(test_selection_refuses_sweep)
{
    ck_assert_int_eq(selection_add_sweep(&selection, bad_sweeps[_i]), -EINVAL);
    ck_assert_uint_eq(selection.sweeps_count, 0);
}
END_TEST

START_TEST(test_selection_refuses_sweep_twice)
{
    ck_assert_int_eq(selection_add_sweep(&selection, "tasks=1"), 0);
    ck_assert_int_eq(selection_add_sweep(&selection, "tasks=2"), -EINVAL);
}
END_TEST

/* The verdicts on hogs (100 wake-ups) and on memory that comes back (two runs) can be reached. */
START_TEST(test_default_experiment_has_enough_for_verdicts)
{
    size_t count = 0;
    struct selection *items = experiment_selections(experiment_find("default"), 2, &count);
    int64_t wakeups = 0;
    int deep = 0;
    for (size_t i = 0; i < count; i++) {
        bool untuned = items[i].tunes_count == 0 && strcmp(items[i].backends[0], "green") == 0;
        for (size_t k = 0; k < items[i].sweeps_count && untuned; k++) {
            if (strcmp(items[i].sweeps[k].name, "wakeups") == 0) {
                wakeups = items[i].sweeps[k].values[0] * items[i].trials * items[i].epochs;
            }
        }
        if (untuned && strcmp(items[i].globs[0], "memory.deep") == 0) {
            deep = items[i].trials;
        }
        selection_destroy(&items[i]);
    }
    free(items);
    ck_assert_int_ge(wakeups, 100);
    ck_assert_int_ge(deep, 2);
}
END_TEST

Suite *suite_plan(void)
{
    Suite *suite = suite_create("plan");
    TCase *tests = tcase_create("plan");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_plan_sweeps_are_combined);
    tcase_add_test(tests, test_plan_defaults_and_procs);
    tcase_add_test(tests, test_plan_is_seeded);
    tcase_add_loop_test(tests, test_plan_blocks_are_balanced, 0, 20);
    tcase_add_loop_test(tests, test_plan_back_ends_take_turns, 0, 20);
    tcase_add_test(tests, test_plan_tunes_only_green);
    tcase_add_test(tests, test_plan_refuses_nothing_to_tune);
    tcase_add_loop_test(tests, test_selection_refuses_tune, 0,
                        sizeof bad_tunes / sizeof bad_tunes[0]);
    tcase_add_loop_test(tests, test_allotment_leaves_out_the_dearest, 0,
                        sizeof allotments / sizeof allotments[0]);
    tcase_add_test(tests, test_allotment_meanwhile_late);
    tcase_add_test(tests, test_plan_same_cell_once);
    tcase_add_test(tests, test_default_experiment_has_enough_for_verdicts);
    tcase_add_loop_test(tests, test_plan_refuses, 0, sizeof refusals / sizeof refusals[0]);
    tcase_add_test(tests, test_plan_refuses_unknown_backend);
    tcase_add_loop_test(tests, test_selection_refuses_sweep, 0,
                        sizeof bad_sweeps / sizeof bad_sweeps[0]);
    tcase_add_test(tests, test_selection_refuses_sweep_twice);
    suite_add_tcase(suite, tests);
    return suite;
}
