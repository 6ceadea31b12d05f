/* lock.h - one harness measures at a time: two would measure each other. */
#ifndef SWITCHYARD_HARNESS_LOCK_H
#define SWITCHYARD_HARNESS_LOCK_H

#include <stdbool.h>

/* Takes the machine's lock; it is let go when the process ends, however it ends. If another
 * harness holds it, says so on stderr and waits, or answers -EBUSY if wait is false. -EINTR if the
 * user interrupts the wait. SWITCHYARD_LOCK names another lock file (for tests). */
int lock_machine(bool wait);

#endif
