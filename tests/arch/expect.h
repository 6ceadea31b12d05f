/* expect.h - counts what holds and what does not. No test library is at hand where the tests of
 * another architecture run. */
#ifndef SWITCHYARD_TESTS_ARCH_EXPECT_H
#define SWITCHYARD_TESTS_ARCH_EXPECT_H

#include <stdbool.h>

/* Counts; prints where and what if it does not hold. From any thread. */
void expect_that(bool holds, const char *what, const char *file, int line);
#define EXPECT(condition) expect_that((condition), #condition, __FILE__, __LINE__)

/* Prints "N passed, N failed"; the exit status: 0 if some passed and none failed. */
int expect_summary(void);

#endif
