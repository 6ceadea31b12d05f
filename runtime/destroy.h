/* destroy.h - the end of an object in the caller's storage: is it still in use?
 *
 * Destroy looks under the object's lock. So whoever was in a call when the object became unused is
 * through with it, and writes nothing to the storage when destroy has answered 0. A thread that is
 * no task cannot take the lock (lock.h, 1): it looks without, and must know that all calls of tasks
 * have returned.
 */
#ifndef SWITCHYARD_DESTROY_H
#define SWITCHYARD_DESTROY_H

#include <errno.h>

#include "proc.h"

/* Locks the object, if a task asks; destroy_end must follow. Does not switch. */
static inline struct proc *destroy_begin(struct lock *lock)
{
    if (proc_self() == &proc_nobody) {
        return NULL;
    }
    return lock_acquire(proc_enter_unpreempted(), lock);
}

/* What destroy answers. */
static inline int destroy_end(struct proc *proc, bool used)
{
    if (proc != NULL) {
        proc_leave(proc);
    }
    return used ? -EBUSY : 0;
}

#endif
