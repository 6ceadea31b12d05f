/* lock.c - see lock.h. */
#include "lock.h"

#include "proc.h"
#include "tune.h"

/* Pauses before the second look at a lock that is held, how many times as many before the next one,
 * and the most: about 30 us where a pause takes 30 ns. */
#define AWAY_FIRST 4
#define AWAY_FACTOR 16
#define AWAY_MOST 1024

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

/* Step 6, in the section of proc, whose worker waits for a lock and holds none. */
static struct proc *stay_away(struct proc *proc, uint32_t *pauses)
{
    uint32_t pause = 0;
    while (pause < *pauses && !proc_is_seized(proc)) {
        spin_pause();
        pause++;
    }
    if (pause < *pauses) {
        proc_leave(proc);
        return proc_enter_unpreempted();
    }
    if (*pauses == AWAY_MOST) {
        spin_yield(); /* the holder may have no CPU */
    }
    *pauses = *pauses * AWAY_FACTOR < AWAY_MOST ? *pauses * AWAY_FACTOR : AWAY_MOST;
    return proc;
}

/* first, stride, count: the row of those that lose their bias together with this lock, which is one
 * of them. */
static inline __attribute__((always_inline)) struct proc *acquire(struct proc *proc,
                                                                  struct lock *lock,
                                                                  struct lock *first, size_t stride,
                                                                  size_t count)
{
    uint32_t pauses = AWAY_FIRST;
    for (;;) {
        /* relaxed: lock_try confirms NULL under held; for another proc the seizure orders it */
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
        if (likely(lock_try(proc, lock))) {
            return proc;
        }
        proc = stay_away(proc, &pauses);
    }
}

static __attribute__((noinline)) struct proc *acquire_alone(struct proc *proc, struct lock *lock)
{
    return acquire(proc, lock, lock, 0, 1);
}

struct proc *lock_acquire_slow(struct proc *proc, struct lock *lock)
{
    return likely(lock_try(proc, lock)) ? proc : acquire_alone(proc, lock);
}

/* Step 5: the shared lock is held. */
static struct proc *bias(struct proc *proc, struct lock *lock, struct lock_record *record)
{
    record->row = 0;
    store_release(&lock->owner, proc); /* release: as in lock_init */
    lock_release(proc); /* the bias holds the lock from here on, as in lock_claim_slow */
    return proc;
}

static __attribute__((noinline)) struct proc *acquire_in_row(struct proc *proc, struct lock *lock,
                                                             struct lock_record *record,
                                                             struct lock *first, size_t stride)
{
    /* relaxed: for a statistic. A bias that comes while this one waits does not count (step 5). */
    bool revokes = load_relaxed(&lock->owner) != NULL;
    proc = acquire(proc, lock, first, stride, LOCK_ROW);
    if (lock_is_ours(proc, lock)) {
        return proc;
    }
    if (unlikely(revokes && record->revoked < LOCK_REVOKED_MAX)) {
        record->revoked++;
    }
    return unlikely(lock_note_use(proc, record)) ? bias(proc, lock, record) : proc;
}

struct proc *lock_acquire_in_row_slow(struct proc *proc, struct lock *lock,
                                      struct lock_record *record, struct lock *first, size_t stride)
{
    return likely(lock_try_in_row(proc, lock, record))
               ? proc
               : acquire_in_row(proc, lock, record, first, stride);
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
