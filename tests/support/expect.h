/* expect.h - expectations that a task may state.
 *
 * libcheck's assertions need more stack than a task may have, and leave the task by longjmp or
 * exit. So tasks only record what does not hold; the test asserts after the runtime has ended.
 * The first failure is kept with its place and values, the others are counted.
 */
#ifndef SWITCHYARD_TESTS_EXPECT_H
#define SWITCHYARD_TESTS_EXPECT_H

#include <stdbool.h>
#include <stdint.h>

/* Each evaluates its arguments once. */
#define expect_true(condition)                                                                     \
    do {                                                                                           \
        bool expect_holds = (condition);                                                           \
        expect_record(expect_holds, __FILE__, __LINE__, #condition, expect_holds, 1);              \
    } while (0)
#define expect_eq(actual, expected) EXPECT_COMPARED(actual, ==, expected)
#define expect_ge(actual, expected) EXPECT_COMPARED(actual, >=, expected)
#define expect_le(actual, expected) EXPECT_COMPARED(actual, <=, expected)

#define EXPECT_COMPARED(actual, relation, expected)                                                \
    do {                                                                                           \
        int64_t expect_left = (int64_t)(actual);                                                   \
        int64_t expect_right = (int64_t)(expected);                                                \
        expect_record(expect_left relation expect_right, __FILE__, __LINE__,                       \
                      #actual " " #relation " " #expected, expect_left, expect_right);             \
    } while (0)

/* Any thread, any task, any time. */
void expect_record(bool holds, const char *file, int line, const char *text, int64_t left,
                   int64_t right);

/* To be called by the test itself, outside the runtime: fails it if an expectation did not hold, or
 * if none was stated at all. */
void expect_assert_all(void);

#endif
