/* suites.h - the groups of tests that main runs. */
#ifndef SWITCHYARD_TESTS_ARCH_SUITES_H
#define SWITCHYARD_TESTS_ARCH_SUITES_H

void test_registers(void);
void test_control(void);
void test_entry(void);
void test_publish(void);
void test_threads(void);
void test_unwind(void);

#endif
