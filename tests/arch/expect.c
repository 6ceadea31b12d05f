/* expect.c - see expect.h. */
#include "expect.h"

#include <stdatomic.h>
#include <stdio.h>

static _Atomic unsigned passed;
static _Atomic unsigned failed;

void expect_that(bool holds, const char *what, const char *file, int line)
{
    if (holds) {
        passed++;
    } else {
        failed++;
        fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    }
}

int expect_summary(void)
{
    printf("%u passed, %u failed\n", passed, failed);
    return passed == 0 || failed > 0;
}
