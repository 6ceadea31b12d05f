/* proc.h - a proc: the right to run tasks, and what goes with it.
 *
 * THE CRITICAL SECTION. Everything that a proc owns (run queue, caches, and every object lock that
 * is biased to it, lock.h) is touched only in its critical section. The owner enters and leaves it
 * with plain stores: no locked instruction, no fence. Another proc that needs something of it
 * (to steal tasks, or to take a bias away) seizes it. All the cost is on that rare side.
 *
 * Protocol
 *   owner (proc_enter / proc_leave)            seizer (proc_seize / proc_release)
 *   1. in_section = 1                          a. compare-and-swap seized: 0 -> a new ticket (one
 *   2. compiler fence                             seizer at a time)
 *   3. seized != 0 ? in_section = 0,           b. for a while: acknowledged == ticket? then to e
 *      acknowledged = seized (release),        c. membarrier: a full fence in every running thread
 *      wait until seized == 0, to 1            d. wait until in_section == 0
 *   4. ... the owner's work ...                e. ... the seizer's work ...
 *   5. in_section = 0 (release)                f. seized = 0 (release)
 *
 * Exclusion by b: the owner has said that it waits for the end of this very seizure; tickets are
 * unique, so that what it said about an earlier one does not count.
 * Exclusion by c and d: it is Dekker's pattern (store mine, load yours). The owner's store 1 and
 * load 3 may be reordered by the processor, but c puts a full fence between any two instructions of
 * the owner: if the fence falls before load 3, the load sees the ticket; if after it, store 1 came
 * before the fence and d sees in_section == 1. The data are ordered by 5 -> d, 3 -> b and f -> 3
 * (release, acquire).
 *
 * b is for owners that enter all the time: seizing them takes 0.4 us, where the way over membarrier
 * takes 14 (tests/perf/seizure.c on a virtual machine, 2026-11). Owners in long computations never
 * enter and never answer: c and d are for them.
 *
 * Progress: a section is short and never waits for a seizer: whoever seizes is in no section.
 *
 * Model: tests/model/section.pml; without membarrier, or without the compiler fence, it fails.
 * Where membarrier(2) is missing, step 3 always takes the slow path, which has a full fence.
 *
 * A switch happens inside the section, and the context that is switched to leaves it (switch.S).
 * That is how a task is published only after its registers are saved: its queue entry and its wait
 * queue cannot be looked at by others before the section ends.
 *
 * Sources: asymmetric fences as in Dice, Huang and Yang, "Asymmetric Dekker synchronization"
 * (2001).
 */
#ifndef SWITCHYARD_PROC_H
#define SWITCHYARD_PROC_H

#include "base/atomic.h"
#include "base/fatal.h"
#include "pool.h"
#include "runq.h"
#include "sanitize.h"
#include "task.h"
#include "timer_heap.h"
#include "tune.h"

#define PROCS_MAX 256
#define CACHE_LINE 64

#define SEIZED 1u
#define SYMMETRIC 2u
#define WANTED 4u /* preemption is (preempt.h) */
#define TICKET_STEP 8u
#define UNSEIZED (SYMMETRIC | WANTED) /* what seizures leave as it is */

struct worker;

struct proc {
    /* The section. Offsets of the first two are known to switch.S. */
    _Atomic uint32_t in_section; /* written by the owner, read by seizers */
    _Atomic uint32_t seized;   /* written by seizers, read by the owner: 0, or a ticket with SEIZED;
                                * SYMMETRIC where membarrier(2) is missing: step 3 goes slow;
                                * WANTED from sysmon, cleared by the owner */
    _Atomic uint32_t *release; /* section: what leaving sets to 0 first: the spin word of the one
                                * shared lock held, or in_section itself if none is */

    /* Guarded by the section. */
    struct task *current; /* the running task, or the worker's scheduler context */
    struct runq runq;
    struct pool_cache tasks;
    struct pool_cache chans;
    uint32_t random;      /* state of the choice of cases in select.c */
    uint32_t unbiased;    /* locks to make without bias still (lock.h, 4) */
    sy_time now;          /* coarse clock: refreshed by the slow paths */
    sy_time others_until; /* till then its own tasks come before the global queue (preempt.h);
                           * the owner's alone */
    sy_time aged_at;      /* when the oldest spawned task was last preferred */
    uint32_t looks;       /* times the scheduler context looked around */
    uint32_t choices;     /* since it last looked around, and runq.ticks_left that may follow */
    uint8_t stopped;      /* why the task stopped that switched to the scheduler context: enum
                           * wait_reason, WAIT_NONE for a yield, or STOPPED_END */

    /* Counters: written by the owner in the section, read by anyone. */
    _Atomic uint64_t tasks_spawned;
    _Atomic uint64_t tasks_ended;
    _Atomic uint64_t switches;
    _Atomic uint64_t parks;
    _Atomic uint64_t steals;
    _Atomic uint64_t tasks_stolen;
    _Atomic uint64_t seizes;
    _Atomic uint64_t blocking_calls;

    /* blocking.h: 0, or the ticket of the call that the owner is in. The owner sets it, and clears
     * it by compare-and-swap, unless sysmon does and takes the proc away. */
    _Atomic uint32_t blocking;

    struct timer_heap timers; /* has its own lock */

    _Atomic uint32_t acknowledged; /* the ticket that the owner waits for; written by the owner */

    /* Immutable while the runtime runs, but for worker: the scheduler's lock. */
    uint32_t index;
    struct worker *worker; /* who holds this proc; NULL while idle */

    /* The scheduler's lock. */
    struct proc *next_idle;
    bool retired; /* neither busy nor idle (procs.h) */

    _Atomic uint32_t cpu; /* where its worker last looked for work; a hint */

    /* Sysmon only. */
    uint32_t blocking_seen; /* the ticket at its last look */
    sy_time blocking_since; /* when it first saw that one */
    uint64_t turn_seen;     /* switches at its last look (slice.c) */
    sy_time turn_since;     /* when it first saw that many */
    uint32_t turn_asked;    /* how often it has asked for the end of that turn */

    /* Sysmon writes it, the owner reads it: 0, or 1 + the switches at which preemption is wanted
     * (preempt.h). */
    _Atomic uint64_t wanted_turn;

    /* The watch writes them, thieves read them: see watch.c. */
    _Atomic uint64_t watched_switches; /* switches at the watch's last look */
    _Atomic uint32_t slots_stale;      /* a slot was filled, and nothing switched since */
} __attribute__((aligned(2 * CACHE_LINE)));

/* The proc of this thread; proc_nobody in threads that have none. Read through proc_self only. */
extern __thread struct proc *proc_current;

/* Permanently seized, so that proc_enter's slow path finds threads that are no workers, or that are
 * in a blocking call. */
extern struct proc proc_nobody;

/* True where membarrier(2) works; set once by proc_choose_fences, before the first worker runs. */
extern bool proc_asymmetric;

#include "arch.h"

void proc_choose_fences(void);
void proc_init(struct proc *proc, uint32_t index);

/* Makes proc (or NULL: none) this thread's. Outside of sections. */
void proc_assign(struct proc *proc);

/* Steps a-d and f. The caller is in no section and holds no lock. */
void proc_seize(struct proc *victim);
void proc_release(struct proc *victim);

/* Step f alone, for who did step a by itself and sees to it that it is not preempted. */
void proc_unseize(struct proc *victim);

/* A full fence of this thread, out of line: hot functions shall contain no locked instruction. */
void proc_fence_self(void);

/* The full fence of the rare side in every running thread of the process. */
void proc_fence_all(void);

/* Step 3 when seized; ends the program in a thread that is no worker. If preemption is wanted and
 * function is not NULL, others have their turn first: see preempt.h. */
struct proc *proc_enter_slow(struct proc *proc, const char *function);

/* Steps 1-3. Returns the caller's proc. */
static inline struct proc *proc_enter_named(const char *function)
{
    struct proc *proc = proc_self();
    /* relaxed: pairs with d through the membarrier; see the protocol */
    store_relaxed(&proc->in_section, 1);
    fence_compiler();
    /* acquire: pairs with f */
    if (unlikely(load_acquire(&proc->seized) != 0)) {
        return proc_enter_slow(proc, function);
    }
    sanitize_section_enter(&proc->in_section);
    return proc;
}

/* For public calls: names the function in the message for threads that are no tasks. */
#define proc_enter() proc_enter_named(__func__)

/* For calls that must not switch: because the caller holds something that others wait for, or is
 * not (yet) what `current` says. */
#define proc_enter_unpreempted() proc_enter_named(NULL)

/* Releases the shared lock that the section holds, if any; the section goes on. */
static inline void lock_release(struct proc *proc)
{
    if (unlikely(proc->release != &proc->in_section)) {
        /* release: pairs with the acquire in spin_try_lock */
        store_release(proc->release, 0);
        proc->release = &proc->in_section;
    }
}

/* Step 5 where no shared lock can be held. */
static inline void proc_leave_biased(struct proc *proc)
{
    /* release: pairs with d */
    store_release(&proc->in_section, 0);
}

/* True if somebody waits for the end of the section. */
static inline bool proc_is_seized(struct proc *proc)
{
    return (load_relaxed(&proc->seized) & SEIZED) != 0; /* relaxed: a hint */
}

/* Step 5. */
static inline void proc_leave(struct proc *proc)
{
    lock_release(proc);
    proc_leave_biased(proc);
}

/* Orders a store of the owner before its next load, against somebody who calls proc_fence_all
 * between a store and a load of its own. */
static inline void proc_fence_light(void)
{
    fence_compiler();
    if (unlikely(!proc_asymmetric)) {
        proc_fence_self(); /* pairs with proc_fence_all's */
    }
}

/* Step 5 of lock.h for a shared lock that is held: true if it shall be biased to the proc. */
static inline bool lock_note_use(const struct proc *proc, struct lock_record *record)
{
    if (unlikely(record->proc != proc->index)) {
        record->proc = proc->index;
        record->row = 0;
    }
    record->row++;
    return record->row >= LOCK_ENOUGH << record->revoked && (tune_off & TUNE_NOBIAS) == 0;
}

/* Takes a lock if it is shared and free, as nearly all are that are not the proc's own: without a
 * function call, and so without registers saved. False: not taken, which is for lock_acquire_slow.
 * In the section. */
static inline bool lock_try(struct proc *proc, struct lock *lock)
{
    /* relaxed: a hint */
    if (unlikely(load_relaxed(&lock->owner) != NULL || !spin_try_lock(&lock->held))) {
        return false;
    }
    /* acquire: pairs with the release of whoever cleared the owner, which does not take held */
    if (unlikely(load_acquire(&lock->owner) != NULL)) {
        spin_unlock(&lock->held);
        return false;
    }
    proc->release = &lock->held.held;
    return true;
}

/* The same for a lock with a record; false, too, if it shall be biased, which is for
 * lock_acquire_in_row_slow. */
static inline bool lock_try_in_row(struct proc *proc, struct lock *lock, struct lock_record *record)
{
    if (unlikely(!lock_try(proc, lock))) {
        return false;
    }
    if (unlikely(lock_note_use(proc, record))) {
        lock_release(proc);
        return false;
    }
    return true;
}

/* At the birth of an object, before anyone else knows of it. In the section. */
static inline void lock_init(struct proc *proc, struct lock *lock)
{
    struct proc *owner = proc;
    if (unlikely(proc->unbiased > 0)) {
        proc->unbiased--;
        owner = NULL;
    }
    /* release: a stale handle of the slot's previous object may lead here. Who comes so takes the
     * lock in whatever mode it finds, and must then see that the generation differs: pairs with the
     * acquire in lock_try. */
    store_release(&lock->owner, owner);
}

/* One more. Owner only, in the section, so a load and a store suffice. */
static inline void counter_add(_Atomic uint64_t *counter, uint64_t amount)
{
    /* relaxed: a statistic; no other access depends on it, but for the sums taken when idle, which
     * the scheduler's lock orders */
    store_relaxed(counter, load_relaxed(counter) + amount);
}

#endif
