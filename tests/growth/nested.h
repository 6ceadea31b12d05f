/* nested.h - a function within a function: gcc's own extension. */
#ifndef SWITCHYARD_TESTS_NESTED_H
#define SWITCHYARD_TESTS_NESTED_H

/* 2 * base + 3 */
long nested_sum(long base);

#endif
