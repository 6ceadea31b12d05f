/* test_runtime_dump_settings.c - the words of SWITCHYARD_DEBUG. Method: children with that
 * variable, whose stderr is read. */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "support/child.h"
#include "support/run.h"
#include "support/suite_main.h"

/* Not static, so that spawn sites show its name. */
int leak_and_sleep(void *arg);

static struct child child;
static uint32_t procs;

static void *end(void *arg)
{
    return arg;
}

int leak_and_sleep(void *arg)
{
    sy_task task;
    (void)arg;
    (void)sy_go(end, NULL); /* none of these three is a leak */
    (void)sy_spawn(&task, end, NULL);
    (void)sy_join(task, NULL);
    (void)sy_spawn(&task, end, NULL);
    (void)sy_detach(task);
    (void)sy_spawn(&task, end, NULL);
    (void)sy_task_set_name(task, "forgotten");
    return sy_sleep(SY_SECOND / 5);
}

static void run_with(void *words)
{
    struct sy_config config = {.procs = procs};
    setenv("SWITCHYARD_DEBUG", words, 1);
    _exit(sy_run(&config, leak_and_sleep, NULL));
}

static const char *text_with(const char *words, int status)
{
    char copy[64];
    snprintf(copy, sizeof copy, "%s", words);
    child_run(&child, run_with, copy);
    ck_assert(WIFEXITED(child.status));
    ck_assert_int_eq(WEXITSTATUS(child.status), status);
    return child.text;
}

static void assert_matches(const char *text, const char *pattern)
{
    regex_t compiled;
    ck_assert_int_eq(regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB), 0);
    ck_assert_msg(regexec(&compiled, text, 0, NULL, 0) == 0, "\"%s\" is not %s", text, pattern);
    regfree(&compiled);
}

/* Goal: the task that nobody joined, and where it was spawned, once; no other. */
START_TEST(test_settings_leaks)
{
    procs = RUN_PROCS[_i];
    assert_matches(text_with("leaks", 0),
                   "^leak: task [0-9]+ \"forgotten\" has ended, and was neither joined nor "
                   "detached; spawned at [^\n]*\\(leak_and_sleep\\+0x[0-9a-f]+\\) [^\n]*\n$");
}
END_TEST

/* Goal: lines of this form, with the numbers of procs that there are, and nothing else. */
START_TEST(test_settings_schedtrace)
{
    char pattern[400];
    procs = RUN_PROCS[_i];
    snprintf(pattern, sizeof pattern,
             "^(SCHED [0-9]+ms: procs=%u idleprocs=[0-9]+ workers=[0-9]+ sleeping=[0-9]+ "
             "spinning=[0-9]+ blocked=0 runqueue=[0-9]+ \\[[0-9]+( [0-9]+){%u}\\]\n)+$",
             procs, procs - 1);
    assert_matches(text_with("schedtrace=1", 0), pattern);
    ck_assert_str_eq(text_with("schedtrace=3600000", 0), ""); /* the program ends before that */
}
END_TEST

/* Goal: an unknown word, or a period out of range, ends the program with the list of words. */
START_TEST(test_settings_unknown_words)
{
    static const char *const words[] = {"leak",
                                        "leaksx",
                                        "schedtrace",
                                        "schedtrace=",
                                        "schedtrace=0",
                                        "schedtrace=x",
                                        "schedtrace=-1",
                                        "schedtrace=3600001",
                                        "schedtrace=99999999999999999999",
                                        "preempt",
                                        "preempt=9",
                                        "preempt=1000001"};
    char expected[200];
    procs = 1;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        char list[64];
        snprintf(list, sizeof list, "leaks,,%s", words[i]);
        snprintf(expected, sizeof expected,
                 "fatal error: SWITCHYARD_DEBUG: unknown word \"%s\"; there are schedtrace=MS (1 "
                 "... 3600000), leaks, preempt=US (10 ... 1000000)\n",
                 words[i]);
        ck_assert_str_eq(text_with(list, 2), expected);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_dump_settings");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_settings_leaks, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_settings_schedtrace, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_settings_unknown_words);
    return suite_main("runtime_dump_settings", tests);
}
