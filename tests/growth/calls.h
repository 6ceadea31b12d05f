/* calls.h - calls with all kinds of arguments, results and frames. */
#ifndef SWITCHYARD_TESTS_CALLS_H
#define SWITCHYARD_TESTS_CALLS_H

/* Makes them all; expects in each that everything arrived. Returns a. In a task. */
long calls_check_all(long a);

/* All but the one that yields: also in a blocking call. */
long calls_check_without_switch(long a);

#endif
