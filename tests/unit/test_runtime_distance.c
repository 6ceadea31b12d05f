/* test_runtime_distance.c - the distances of CPUs, and that thieves try the nearest victims first.
 * Method: machines that hwloc makes from a description (HWLOC_SYNTHETIC); stealing by direct calls
 * between procs that only this thread uses. */
#include <sched.h>
#include <stdlib.h>

#include <switchyard/switchyard.h>

#include "distance.h"
#include "scheduler.h"
#include "steal.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/suite_main.h"

static void machine(const char *description)
{
    ck_assert_int_eq(setenv("HWLOC_SYNTHETIC", description, 1), 0);
    distance_init();
}

/* Two packages of two cores of two threads: CPUs 0 1 | 2 3 || 4 5 | 6 7. */
#define EIGHT "pack:2 core:2 pu:2"

/* --- distances -------------------------------------------------------------------------------- */

/* Goal: each level at which CPUs meet is one step of distance. */
START_TEST(test_distance_counts_levels)
{
    machine(EIGHT);
    ck_assert_uint_eq(distance_levels(), 3);
    for (uint32_t a = 0; a < 8; a++) {
        for (uint32_t b = 0; b < 8; b++) {
            uint32_t expected = a / 2 == b / 2 ? 0 : a / 4 == b / 4 ? 1 : 2;
            ck_assert_uint_eq(distance_between(a, b), expected);
        }
    }
}
END_TEST

static const struct {
    const char *description;
    uint32_t levels;
    uint32_t farthest; /* from CPU 0 to the last one */
    uint32_t last;
} machines[] = {
    {"pu:4", 1, 0, 3},                          /* all pairs are alike */
    {"pu:1", 1, 0, 0},                          /* there is no pair */
    {"pack:1 core:1 pu:2", 1, 0, 1},            /* a level with one object is none */
    {"core:4 pu:1", 1, 0, 3},                   /* a core with one CPU is none either */
    {"numa:2 pack:1 l3:2 l2:2 pu:2", 4, 3, 15}, /* as many as there are caches to share */
    {"pack:64 pu:2", 2, 1, 127},
};

enum { MACHINES = sizeof machines / sizeof machines[0] };

/* Goal: levels at which nobody meets do not count; a number beyond the machine is near. */
START_TEST(test_distance_of_other_machines)
{
    machine(machines[_i].description);
    uint32_t last = machines[_i].last;
    ck_assert_uint_eq(distance_levels(), machines[_i].levels);
    ck_assert_uint_eq(distance_between(0, last), machines[_i].farthest);
    ck_assert_uint_eq(distance_between(last, 0), machines[_i].farthest);
    ck_assert_uint_eq(distance_between(last, last), 0);
    ck_assert_uint_eq(distance_between(0, last + 1), 0);
    ck_assert_uint_eq(distance_between(UINT32_MAX, last), 0);
}
END_TEST

/* Goal: another machine replaces the first one; without any all are near. */
START_TEST(test_distance_forgets)
{
    machine(EIGHT);
    machine("pack:2 pu:2");
    ck_assert_uint_eq(distance_levels(), 2);
    ck_assert_uint_eq(distance_between(0, 3), 1);
    ck_assert_uint_eq(distance_between(0, 7), 0);
    distance_destroy();
    ck_assert_uint_eq(distance_levels(), 1);
    ck_assert_uint_eq(distance_between(0, 3), 0);
}
END_TEST

static int read_levels(void *levels)
{
    *(uint32_t *)levels = distance_levels();
    return 0;
}

/* Goal: the runtime reads the machine where there is a choice, unless it is told not to. */
START_TEST(test_distance_is_read_when_it_matters)
{
    uint32_t levels = 0;
    setenv("HWLOC_SYNTHETIC", EIGHT, 1);
    expect_true(true);
    run_tasks(2, read_levels, &levels);
    ck_assert_uint_eq(levels, 1);
    run_tasks(3, read_levels, &levels);
    ck_assert_uint_eq(levels, 3);
    setenv("SWITCHYARD_TUNE", "nonearest", 1);
    run_tasks(3, read_levels, &levels);
    ck_assert_uint_eq(levels, 1);
}
END_TEST

/* --- the order of victims --------------------------------------------------------------------- */

enum { VICTIMS = 8, TRIALS = 200 };

static struct proc procs[1 + VICTIMS]; /* the thief, and one victim on each CPU */
static struct task tasks[VICTIMS];
static struct worker thief;

static void victims_begin(void)
{
    cpu_set_t here;
    int cpu = sched_getcpu();
    ck_assert_int_ge(cpu, 0);
    CPU_ZERO(&here);
    CPU_SET(cpu, &here);
    ck_assert_int_eq(sched_setaffinity(0, sizeof here, &here), 0);
    proc_choose_fences();
    for (uint32_t i = 0; i < 1 + VICTIMS; i++) {
        proc_init(&procs[i], i);
        store_relaxed(&procs[i].cpu, i - 1);
    }
    scheduler = (struct scheduler){.all = procs};
    store_relaxed(&scheduler.made, 1 + VICTIMS);
    thief = (struct worker){.proc = &procs[0], .random = 1};
    proc_assign(&procs[0]);
}

/* Each victim has one task; notes whose is stolen first, second ... */
static void steal_all(uint32_t *victims)
{
    for (uint32_t i = 0; i < VICTIMS; i++) {
        tasks[i] = (struct task){.state = TASK_READY};
        ck_assert(ring_push(&procs[1 + i].runq.woken, &tasks[i]));
    }
    for (uint32_t i = 0; i < VICTIMS; i++) {
        ck_assert(steal(&thief));
        struct task *task = ring_pop_oldest(&procs[0].runq.woken);
        ck_assert_ptr_nonnull(task);
        victims[i] = (uint32_t)(task - tasks);
    }
    ck_assert(!steal(&thief));
}

/* Goal: nobody is tried before one who is nearer; who is first among equals changes. */
START_TEST(test_steal_tries_nearest_first)
{
    uint32_t first[VICTIMS] = {0};
    machine(EIGHT);
    victims_begin();
    uint32_t cpu = distance_cpu();
    ck_assert_uint_lt(cpu, VICTIMS); /* the machine of the test is larger otherwise */
    for (int trial = 0; trial < TRIALS; trial++) {
        uint32_t victims[VICTIMS];
        uint32_t before = 0;
        steal_all(victims);
        for (int i = 0; i < VICTIMS; i++) {
            uint32_t distance = distance_between(cpu, victims[i]);
            ck_assert_uint_ge(distance, before);
            before = distance;
        }
        first[victims[0]]++;
    }
    ck_assert_uint_eq(load_relaxed(&procs[0].cpu), cpu);
    ck_assert_uint_gt(first[cpu / 2 * 2], 0);
    ck_assert_uint_gt(first[cpu / 2 * 2 + 1], 0);
    ck_assert_uint_eq(first[cpu / 2 * 2] + first[cpu / 2 * 2 + 1], TRIALS);
}
END_TEST

/* Goal: where all are alike, everybody is the first victim some time. */
START_TEST(test_steal_is_random_among_equals)
{
    uint32_t first[VICTIMS] = {0};
    victims_begin();
    for (int trial = 0; trial < TRIALS; trial++) {
        uint32_t victims[VICTIMS];
        steal_all(victims);
        first[victims[0]]++;
    }
    for (int i = 0; i < VICTIMS; i++) {
        ck_assert_msg(first[i] > 0, "victim %d was never the first of %d", i, TRIALS);
    }
    ck_assert_uint_eq(load_relaxed(&procs[0].steals), (uint64_t)TRIALS * VICTIMS);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_distance");
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, test_distance_counts_levels);
    tcase_add_loop_test(tests, test_distance_of_other_machines, 0, MACHINES);
    tcase_add_test(tests, test_distance_forgets);
    tcase_add_test(tests, test_distance_is_read_when_it_matters);
    tcase_add_test(tests, test_steal_tries_nearest_first);
    tcase_add_test(tests, test_steal_is_random_among_equals);
    return suite_main("runtime_distance", tests);
}
