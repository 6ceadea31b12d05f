/* suite_main.h - the main of a test program that has one list of tests. */
#ifndef SWITCHYARD_TESTS_SUITE_MAIN_H
#define SWITCHYARD_TESTS_SUITE_MAIN_H

#include <check.h>

/* Runs the test case, each test in a child of its own; answers main's result. */
int suite_main(const char *name, TCase *tests);

#endif
