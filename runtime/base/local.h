/* local.h - the values of a task, the same in both runtimes; compiled into each. */
#ifndef SWITCHYARD_BASE_LOCAL_H
#define SWITCHYARD_BASE_LOCAL_H

#include <switchyard/local.h>

struct local;

/* Calls the destructors of the running task's values, and frees them: *locals is NULL afterwards.
 */
void local_end(struct local **locals);

/* Where the running task keeps its values; each runtime has one of these. Ends the program, naming
 * the function, in a thread that is no task. */
struct local **local_of_task(const char *function);

#endif
