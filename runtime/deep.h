/* deep.h - the pages below the stack pointers of tasks that once went deep (giveback.h). Sysmon. */
#ifndef SWITCHYARD_DEEP_H
#define SWITCHYARD_DEEP_H

#include <stdbool.h>
#include <stddef.h>

/* Before the first look. */
void deep_start(void);

/* Looks through some more slots, from where the last call ended, and gives back what is not used.
 * True when all have been looked at. Adds to *in_use what deep stacks hold that are in use. */
bool deep_look(size_t *in_use);

#endif
