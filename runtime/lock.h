/* lock.h - the lock of an object that tasks share; biased towards the proc that uses it.
 *
 * Most objects are used by the tasks of one proc only, and such a proc already excludes all
 * others by being in its critical section (proc.h). So a lock has an owner:
 *
 *   owner == P     whoever is in P's critical section holds the lock. No instruction of its own.
 *   owner == NULL  an ordinary spin lock, `held`.
 *
 * Protocol
 *   1. A lock is taken only in the critical section of the taker's proc, and released by
 *      lock_release or by leaving the section, also across a switch (proc->release).
 *   2. owner goes from P to NULL only under proc_seize(P): P is then outside its section, so nobody
 *      holds the lock. Whoever wants a lock that another proc owns leaves its own section first (it
 *      must hold nothing), seizes the owner, clears the field if it still is P (compare-and-swap:
 *      the slot of a freed object may be born again in a proc Q) and starts over.
 *      Also by P itself in its section, which then does not touch the object any more.
 *   3. owner goes from NULL to P only when no other proc can hold the lock: at the birth of its
 *      object (lock_init), or under `held` (lock_claim, once in its life; step 5). Who waits for
 *      `held` looks at owner again afterwards.
 *   4. Bias that turns out wrong costs a seizure. It is charged to the owner, which makes its next
 *      LOCK_PENALTY locks unbiased: a seizure is spread over that many objects.
 *   5. A shared lock that one proc has taken many times in a row is biased to it (step 3, under
 *      `held`): objects that are born in one proc and used in another, or that were shared once.
 *      Each time that its bias is revoked this needs twice as many, so that what is really shared
 *      stays shared; but not if the one who revokes it found it shared and waited: its pauses (6)
 *      let the other use the lock often enough to pay for the seizure. Such locks, which have a
 *      record and lie in a row in memory, lose their bias in groups, by one seizure: who uses an
 *      object of another proc will use more of them, and who lost a bias without need has it back
 *      soon.
 *   6. Who finds a shared lock held stays away for longer each time that it looks: each look takes
 *      the cache line from the holder, which may have it for many short holds in a row meanwhile.
 *      It holds nothing, and leaves its section for a moment if its proc is seized: a thief, which
 *      has run dry, shall not stay away as well.
 * Model: tests/model/lock.pml.
 * Idea: biased locking (Kawachiya et al., OOPSLA '02; Dice et al., "quickly reacquirable locks"),
 * with membarrier(2) in place of the stop-the-world.
 */
#ifndef SWITCHYARD_LOCK_H
#define SWITCHYARD_LOCK_H

#include <stddef.h>

#include "base/spin.h"

struct proc;

#define LOCK_PENALTY 256
#define LOCK_CLAIMED 1u /* lock_claim has been tried */
#define LOCK_TIMED 2u

struct lock {
    _Atomic(struct proc *) owner; /* see the protocol */
    struct spin held;             /* used while owner == NULL */
    _Atomic uint32_t marks;       /* LOCK_CLAIMED, and LOCK_TIMED for each wait with a deadline that
                                   * has not returned yet: its timer may still touch the lock */
};

/* Step 5. Guarded by the lock; begins as zero bytes. */
struct lock_record {
    uint32_t proc;    /* index of the one that took the shared lock last */
    uint32_t row;     /* how many times in a row */
    uint32_t revoked; /* how often its bias was, by somebody who had not waited (step 5) */
};

#define LOCK_ENOUGH UINT32_C(256)
#define LOCK_REVOKED_MAX 18

#define LOCK_ROW 32 /* locks that lose their bias at once */

/* Steps 2 and 3 for a lock that the caller's proc does not own. */
struct proc *lock_acquire_slow(struct proc *proc, struct lock *lock);

/* The same for a lock with a record: step 5. It is one of LOCK_ROW locks, which begin at first and
 * are stride bytes apart. */
struct proc *lock_acquire_in_row_slow(struct proc *proc, struct lock *lock,
                                      struct lock_record *record, struct lock *first,
                                      size_t stride);

/* Step 3 for zero-initialised locks of caller-allocated objects: claims them once. */
struct proc *lock_claim_slow(struct proc *proc, struct lock *lock);

/* True if being in the section of proc is holding the lock. */
static inline bool lock_is_ours(const struct proc *proc, struct lock *lock)
{
    /* relaxed: if it is this proc, this proc or a seizer wrote it, and proc_enter ordered both */
    return load_relaxed(&lock->owner) == proc;
}

/* Takes the bias away from the lock, which nobody holds, in the section of its owner or with the
 * owner seized. For objects that go to another proc: here it costs nothing. */
static inline void lock_share(const struct proc *owner, struct lock *lock)
{
    if (lock_is_ours(owner, lock)) {
        store_release(&lock->owner, NULL); /* release: as in revoke (lock.c) */
    }
}

/* True while a wait with a deadline has not returned: the storage must not be freed. */
static inline bool lock_is_timed(struct lock *lock)
{
    /* acquire: pairs with the release in task_park_timed */
    return load_acquire(&lock->marks) >= LOCK_TIMED;
}

/* Takes the lock. Returns the caller's proc, which is another one than before if the task was
 * moved while it waited: step 2 leaves the critical section, so the caller must look again at
 * everything that it had read before. */
static inline struct proc *lock_acquire(struct proc *proc, struct lock *lock)
{
    return likely(lock_is_ours(proc, lock)) ? proc : lock_acquire_slow(proc, lock);
}

/* As lock_acquire, for locks that start as zero bytes. */
static inline struct proc *lock_acquire_claim(struct proc *proc, struct lock *lock)
{
    return likely(lock_is_ours(proc, lock)) ? proc : lock_claim_slow(proc, lock);
}

#endif
