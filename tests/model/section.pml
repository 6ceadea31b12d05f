/* section.pml - the critical section of a proc and its seizure.
 * good: -  SYMMETRIC
 * progress: - SYMMETRIC
 * bad: NOMEMBARRIER NOCOMPILERFENCE NORECHECK NOWAIT SAMETICKET SYMMETRIC,NOFENCE
 *
 * Modelled: runtime/proc.h, "THE CRITICAL SECTION". One owner, two seizers, store buffers.
 *   owner    proc_enter_named, proc_enter_slow, wait_for_seizers, proc_leave_biased (steps 1-5);
 *            sy_switch in switch.S leaves by the same store
 *   seizer   proc_seize, proc_release (steps a-f); whether it sees the answer of b in time is left
 *            open; membarrier is a moment for each thread, one after the other, at which its store
 *            buffer is empty
 *   SYMMETRIC  the fallback without membarrier(2): the owner fences before it looks at seized
 * Checked: owner and seizers exclude each other; what one wrote to the guarded data is what the
 * next one reads; everybody comes to his end (waiting is a guard, so a hang is an invalid end
 * state; no cycles without progress: check.sh).
 * Left out: the proc's change to another worker (under the scheduler's lock, outside of sections);
 * memory weaker than TSO, where 5 -> d, 3 -> b and f -> 3 rely on release and acquire.
 *
 * Variants
 *   NOMEMBARRIER     step c is only a fence of the seizer's own thread
 *   NOCOMPILERFENCE  the load of step 3 may be executed before the store of step 1
 *   NORECHECK        the owner leaves out step 3
 *   NOWAIT           the seizer leaves out step d
 *   SAMETICKET       all seizures have the same ticket
 *   SYMMETRIC,NOFENCE  the fallback without the owner's fence
 */
#define THREADS 3
#define ADDRESSES 4
#define IN_SECTION 0
#define SEIZED 1
#define ACKNOWLEDGED 2
#define DATA 3
#include "tso.pml"

#define OWNER 0
#ifndef ROUNDS
#define ROUNDS 3
#endif

byte tickets; /* drawn so far */

byte inside;  /* how many are in the section; a ghost, no memory of the machine */
byte written; /* ghost: what DATA must hold */

/* The guarded work: reads what the one before wrote, writes something else. */
inline work(thread, data)
{
    atomic { inside++; assert(inside == 1) };
    load(thread, DATA, data);
    assert(data == written);
    atomic { data = 1 - data; store(thread, DATA, data); written = data };
    atomic { data = 0; inside-- }
}

/* Steps 1-3; seized is what step 3 saw. */
inline step_1_to_3(seized)
{
#ifdef NORECHECK
    store(OWNER, IN_SECTION, 1)
#else
    if
    :: store(OWNER, IN_SECTION, 1);
#if defined(SYMMETRIC) && !defined(NOFENCE)
        fence(OWNER);
#endif
        load(OWNER, SEIZED, seized)
#ifdef NOCOMPILERFENCE
    :: load(OWNER, SEIZED, seized);
        store(OWNER, IN_SECTION, 1)
#endif
    fi
#endif
}

inline wait_for_seizers(said)
{
    do
    :: SEES(SEIZED) == 0 -> break
    :: atomic { SEES(SEIZED) != 0 && SEES(SEIZED) != said -> said = SEES(SEIZED) };
        store(OWNER, ACKNOWLEDGED, said)
    od;
    said = 0
}

proctype owner()
{
    byte round, seized, said, data;
    do
    :: round < ROUNDS ->
        step_1_to_3(seized);
        do
        :: seized ->
            store(OWNER, IN_SECTION, 0);
            wait_for_seizers(said);
            step_1_to_3(seized)
        :: else -> break
        od;
        work(OWNER, data);
        store(OWNER, IN_SECTION, 0);
        round++
    :: else -> break
    od
}

inline membarrier(thread, each)
{
#if !defined(NOMEMBARRIER) && !defined(SYMMETRIC)
    each = 0;
    do
    :: each < THREADS -> fence(each); each++
    :: else -> break
    od;
    each = 0;
#endif
    fence(thread)
}

proctype seizer(byte thread)
{
    byte round, each, ticket, data;
    do
    :: round < ROUNDS - 1 ->
        /* step a: the ticket is drawn when the locked compare-and-swap succeeds */
        atomic {
            fence(thread) && memory[SEIZED] == 0 ->
#ifdef SAMETICKET
            ticket = 1;
#else
            tickets++;
            ticket = tickets;
#endif
            memory[SEIZED] = ticket
        };
        if
        :: SEES(ACKNOWLEDGED) == ticket
        :: membarrier(thread, each);
#ifndef NOWAIT
            SEES(IN_SECTION) == 0
#endif
        fi;
        ticket = 0;
        work(thread, data);
        store(thread, SEIZED, 0);
        round++
    :: else -> break
    od
}

init
{
    atomic {
        run drain(0); run drain(1); run drain(2);
        run owner(); run seizer(1); run seizer(2)
    }
}
