/* hibernate.h - a task that has been parked for long shrinks to the bytes of its stack in use.
 *
 * Sysmon copies the bytes from the stack pointer up into a compact store (cold_room.h) and puts
 * guards in place of the pages. Whoever touches them brings them back first: the waker, before the
 * task is queued; else whoever runs into the guard, in the fault handler, be it the task itself or
 * another one through a pointer. That works for threads that know nothing of the runtime, too.
 *
 * Each slot has a word: a state, and how many system calls under way use its memory (pins).
 *
 *
 *           sysmon 1         sysmon 2            sysmon 4         sysmon 7
 *     WARM ---------> BUSY ---------> MARKED ---------> BUSY ---------> COLD
 *      ^                                | b                               | c
 *      \----------------------------- LOCKED <----------------------------/
 *
 * Protocol
 *   sysmon (hibernate_tick)                    who touches (hibernate_touch, the fault handlers)
 *   1. WARM -> BUSY, if the task looks         a. WARM: nothing to do
 *      parked, then still, nothing pinned      b. MARKED -> LOCKED; ends the protection; -> WARM
 *   2. write-protects the pages in use;        c. COLD -> LOCKED; puts the pages back, each at
 *      BUSY -> MARKED                             once (UFFDIO_COPY); frees the block; -> WARM
 *   3. waits until each proc has been out      d. BUSY, LOCKED: waits, looks again
 *      of its section once
 *   4. still MARKED, the task is parked and
 *      its stack pointer that of 1: -> BUSY,
 *      else gives up (b)
 *   5. copies
 *   6. puts guards in place of the pages
 *   7. BUSY -> COLD
 *
 * Why nothing is lost: a write after 2 is a fault. One that comes between 2 and 4 ends the attempt
 * (b); later ones, and from 6 on reads, wait until 7 and go to the page that c brings back. So from
 * 2 on the pages are as they were. Why the stack pointer of 4 is the right one: a task that was on
 * its way to be parked at 2 has saved it within its section, which 3 waited for; one that ran since
 * 2 has written to its stack, for parking pushes registers, and so the slot is not MARKED any more.
 * One that is woken but has not written yet has the same stack pointer and the same bytes.
 * Why a task that runs has no protected pages, but for a moment before step b of its waker: BUSY is
 * set before sysmon looks at the task again, and who wakes it changes its state before he touches.
 * So the kernel can write there, be it the frame of a signal or what a system call reads. Why
 * LOCKED, in b: if the slot were WARM before the protection ends, sysmon could mark and protect it
 * anew, and that protection would be ended unnoticed. For the same reason it is BUSY until the
 * pages are protected. In 6 the kernel first takes a page away and then puts a guard there; in
 * between there is nothing, as if the page had never been touched. uffd_trap makes that a fault for
 * this time. The kernel's own accesses cannot be caught: they fail with EFAULT. So memory that sy_
 * I/O gives to the kernel is pinned meanwhile, unless it is the caller's own stack.
 *
 * Model: tests/model/hibernate.pml. */
#ifndef SWITCHYARD_HIBERNATE_H
#define SWITCHYARD_HIBERNATE_H

#include <signal.h>
#include <sys/uio.h>

#include "task.h"

struct hibernation {
    _Atomic uint32_t word; /* enum warmth, and pins */
    uint32_t block;        /* COLD: where its bytes are. Written while BUSY */
};

enum warmth {
    HIBERNATE_WARM,
    HIBERNATE_BUSY, /* sysmon's, not for long */
    HIBERNATE_MARKED,
    HIBERNATE_COLD,
    HIBERNATE_LOCKED,    /* of the one who touches */
    HIBERNATE_STATE = 7, /* mask */
    HIBERNATE_PIN = 8    /* one */
};

struct hibernate {
    struct hibernation *slots; /* immutable while the runtime runs: NULL if nothing hibernates */
    _Atomic uint64_t cooled;   /* stacks that became cold */
    _Atomic uint64_t warmed;   /* stacks that were put back */
};

extern struct hibernate hibernate;

/* True if this kernel and this build can. */
bool hibernate_is_possible(void);

/* For the region of stacks, if the policy says so. 0 or a negative errno. No worker runs. */
int hibernate_init(void);
void hibernate_destroy(void);

/* Sysmon: makes tasks cold for a while. When it wants to be called next; SY_FOREVER: nothing is
 * left to do until some task runs. */
sy_time hibernate_tick(sy_time now);

/* Steps a-d. From any thread, in a section or not, signal-safe. */
void hibernate_touch(uint32_t slot);

/* A task was made ready. In the section. */
static inline void hibernate_wake(const struct task *task)
{
    if (hibernate.slots != NULL) {
        fence_seq_cst(); /* READY, then the word: pairs with the fence in mark (hibernate.c) */
        hibernate_touch(task->slot.index);
    }
}

/* While the kernel works with that memory, its pages stay. In no section, by the running task. */
void hibernate_pin(const void *memory, size_t bytes);
void hibernate_unpin(const void *memory, size_t bytes);

/* The same for all pieces, and where they are listed. */
void hibernate_pin_pieces(const struct iovec *pieces, int count);
void hibernate_unpin_pieces(const struct iovec *pieces, int count);

/* In a signal handler. True if the fault was a touch: the instruction may be tried again. */
bool hibernate_fault(int signal, const siginfo_t *info);

#endif
