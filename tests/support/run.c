/* run.c - see run.h. */
#include "support/run.h"

#include <check.h>
#include <string.h>

#include <switchyard/switchyard.h>

#include "support/expect.h"

const uint32_t RUN_PROCS[RUN_PROCS_COUNT] = {1, 2, 4};

void run_tasks(uint32_t procs, int (*main_fn)(void *arg), void *arg)
{
    struct sy_config config = {.procs = procs};
    ck_assert_int_eq(sy_run(&config, main_fn, arg), 0);
    expect_assert_all();
}

bool run_is_green(void)
{
    return strcmp(sy_backend(), "green") == 0;
}

uint32_t run_many(void)
{
    return run_is_green() ? 10000 : 1000;
}
