/* main.c - unit tests of the switch; one source for all architectures. */
#include <stdlib.h>

#include "expect.h"
#include "suites.h"

int main(void)
{
    test_registers();
    test_control();
    test_entry();
    test_publish();
    test_threads();
    test_unwind();
    return expect_summary();
}
