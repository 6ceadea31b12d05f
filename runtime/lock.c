/* lock.c - see lock.h. */
#include "lock.h"

#include "proc.h"
#include "tune.h"

/* Step 2: takes the bias away from its owner. In no section. A compare-and-swap, as a stale handle
 * may lead here: another proc that has taken the free slot meanwhile writes owner (lock_init), and
 * its bias must not be cleared without seizing it. */
static __attribute__((noinline)) void revoke(struct proc *owner, struct lock *first, size_t stride,
                                             size_t count)
{
    bool wrong = false;
    proc_seize(owner);
    for (size_t i = 0; i < count; i++) {
        struct lock *lock = (struct lock *)(void *)((char *)first + i * stride);
        struct proc *seen = owner;
        /* release: pairs with the acquire in acquire, which reads NULL without having seized */
        wrong |= lock_is_ours(owner, lock) && cas_acq_rel(&lock->owner, &seen, NULL);
    }
    if (wrong) {
        owner->unbiased = LOCK_PENALTY;
    }
    proc_release(owner);
}

/* first, stride, count: the row of those that lose their bias together with this lock, which is one
 * of them. */
static inline __attribute__((always_inline)) struct proc *acquire(struct proc *proc,
                                                                  struct lock *lock,
                                                                  struct lock *first, size_t stride,
                                                                  size_t count)
{
    for (;;) {
        /* relaxed: NULL is confirmed below under held; for another proc the seizure orders it */
        struct proc *owner = load_relaxed(&lock->owner);
        if (owner == proc) {
            return proc;
        }
        if (owner != NULL) {
            proc_leave(proc);
            revoke(owner, first, stride, count);
            proc = proc_enter_unpreempted();
            continue;
        }
        spin_lock_apart(&lock->held);
        /* acquire: pairs with the release of whoever cleared the owner, which does not take held */
        if (likely(load_acquire(&lock->owner) == NULL)) {
            proc->release = &lock->held.held;
            return proc;
        }
        spin_unlock(&lock->held);
    }
}

struct proc *lock_acquire_slow(struct proc *proc, struct lock *lock)
{
    return acquire(proc, lock, lock, 0, 1);
}

/* Step 5 for a shared lock that is held. */
static void note_use(struct proc *proc, struct lock *lock, struct lock_record *record)
{
    record->row = record->proc == proc->index ? record->row + 1 : 1;
    record->proc = proc->index;
    if (record->row < LOCK_ENOUGH << record->revoked || (tune_off & TUNE_NOBIAS) != 0) {
        return;
    }
    record->row = 0;
    store_release(&lock->owner, proc); /* release: as in lock_init */
    lock_release(proc); /* the bias holds the lock from here on, as in lock_claim_slow */
}

struct proc *lock_acquire_in_row_slow(struct proc *proc, struct lock *lock,
                                      struct lock_record *record, struct lock *first, size_t stride)
{
    bool revokes = load_relaxed(&lock->owner) != NULL; /* relaxed: for a statistic */
    proc = acquire(proc, lock, first, stride, LOCK_ROW);
    if (lock_is_ours(proc, lock)) {
        return proc;
    }
    if (unlikely(revokes && record->revoked < LOCK_REVOKED_MAX)) {
        record->revoked++;
    }
    note_use(proc, lock, record);
    return proc;
}

struct proc *lock_claim_slow(struct proc *proc, struct lock *lock)
{
    proc = lock_acquire_slow(proc, lock);
    /* relaxed: the lock is held */
    if ((load_relaxed(&lock->marks) & LOCK_CLAIMED) != 0 || lock_is_ours(proc, lock)) {
        return proc;
    }
    fetch_add_relaxed(&lock->marks, LOCK_CLAIMED); /* relaxed: the lock is held */
    lock_init(proc, lock);
    if (load_relaxed(&lock->owner) == proc) { /* relaxed: only lock_init wrote it */
        lock_release(proc); /* the bias holds the lock from here on; waiters for held start over */
    }
    return proc;
}
