/* test_default_procs.c - trials without a number of procs: which CPUs they get, how many of these
 * the cgroup pays for, and that both experiments have such a trial on any machine. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cpus.h"
#include "experiment.h"
#include "quota.h"
#include "suites.h"

static char root[] = "/tmp/switchyard-quota-XXXXXX";

static void setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(root));
}

static void teardown(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", root);
    ck_assert_int_eq(system(command), 0);
}

/* The folder of a group, with or without a cpu.max. */
static void make_group(const char *group, const char *cpu_max)
{
    char path[128];
    snprintf(path, sizeof path, "%s%s", root, group);
    mkdir(path, 0700); /* the root is there already */
    snprintf(path, sizeof path, "%s%s/cpu.max", root, group);
    FILE *file = cpu_max == NULL ? NULL : fopen(path, "w");
    if (file != NULL) {
        fprintf(file, "%s\n", cpu_max);
        fclose(file);
    }
}

START_TEST(test_quota_is_the_smallest_on_the_way_up)
{
    make_group("", NULL);
    make_group("/a", "150000 100000");
    make_group("/a/b", "max 100000");
    make_group("/a/b/c", "400000 100000");
    ck_assert(quota_cpus(root, "/a/b/c") == 1.5);
    ck_assert(quota_cpus(root, "/a/b") == 1.5);
    ck_assert(isnan(quota_cpus(root, "/")));
    make_group("/a/b/c", "50000 100000");
    ck_assert(quota_cpus(root, "/a/b/c") == 0.5);
    ck_assert(quota_cpus(root, "/a") == 1.5);
    make_group("", "100000 100000");
    ck_assert(quota_cpus(root, "/a") == 1);
    ck_assert(quota_cpus(root, "/") == 1);
}
END_TEST

START_TEST(test_quota_of_rubbish_is_none)
{
    static const char *const rubbish[] = {"", "max", "100000", "-1 100000", "0 100000", "1 0"};
    ck_assert(isnan(quota_cpus(root, "/absent")));
    for (size_t i = 0; i < sizeof rubbish / sizeof rubbish[0]; i++) {
        make_group("", rubbish[i]);
        ck_assert_msg(isnan(quota_cpus(root, "")), "%s", rubbish[i]);
    }
}
END_TEST

START_TEST(test_usable_is_affinity_or_quota)
{
    ck_assert_uint_eq(quota_usable(4, NAN), 4);
    ck_assert_uint_eq(quota_usable(4, 8), 4);
    ck_assert_uint_eq(quota_usable(4, 3.5), 4);
    ck_assert_uint_eq(quota_usable(4, 2), 2);
    ck_assert_uint_eq(quota_usable(4, 1.01), 2);
    ck_assert_uint_eq(quota_usable(1, 0.1), 1);
}
END_TEST

START_TEST(test_default_procs_get_all_cpus)
{
    unsigned order[] = {5, 3, 8};
    const struct cpus cpus = {.order = order, .count = 3};
    hwloc_cpuset_t all = cpus_take(&cpus, 0);
    hwloc_cpuset_t two = cpus_take(&cpus, 2);
    ck_assert_int_eq(hwloc_bitmap_weight(all), 3);
    ck_assert(hwloc_bitmap_isset(all, 8));
    ck_assert_int_eq(hwloc_bitmap_weight(two), 2);
    ck_assert(!hwloc_bitmap_isset(two, 8));
    hwloc_bitmap_free(all);
    hwloc_bitmap_free(two);
}
END_TEST

/* On a machine with one CPU, too, where rows with more procs are left out. */
START_TEST(test_experiments_have_default_procs)
{
    static const char *const names[] = {"quick", "default"};
    size_t count = 0;
    size_t found = 0;
    const struct experiment *experiment = experiment_find(names[_i]);
    struct selection *selections = experiment_selections(experiment, 1, &count);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < selections[i].procs_count; k++) {
            found += selections[i].procs[k] == 0 && strcmp(selections[i].backends[0], "green") == 0;
        }
        selection_destroy(&selections[i]);
    }
    free(selections);
    ck_assert_uint_eq(found, 1);
}
END_TEST

Suite *suite_default_procs(void)
{
    Suite *suite = suite_create("default_procs");
    TCase *tests = tcase_create("default_procs");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_quota_is_the_smallest_on_the_way_up);
    tcase_add_test(tests, test_quota_of_rubbish_is_none);
    tcase_add_test(tests, test_usable_is_affinity_or_quota);
    tcase_add_test(tests, test_default_procs_get_all_cpus);
    tcase_add_loop_test(tests, test_experiments_have_default_procs, 0, 2);
    suite_add_tcase(suite, tests);
    return suite;
}
