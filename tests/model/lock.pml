/* lock.pml - biased locks: acquire, revoke, claim, and the reuse of a pooled object.
 * good: CROSSED CROSSED,SHARED,OPERATIONS=2 CLAIMED POOLED POOLED,FAVOURED,OPERATIONS=2
 * progress: CROSSED CLAIMED POOLED POOLED,FAVOURED,OPERATIONS=2
 * bad: CROSSED,NOLEAVE CROSSED,NOSEIZE CLAIMED,NORECHECKOWNER POOLED,NOCAS POOLED,FAVOURED,FAVOURUNHELD
 *
 * Modelled: runtime/lock.h, lock.c. Three procs, and by configuration
 *   CROSSED   locks A, biased to proc 0, and B, biased to proc 1: two procs may revoke each other's
 *             at once; SHARED: and an owner gives its bias up by itself
 *   CLAIMED   lock C of an object in the caller's storage: all zero, claimed by its first user
 *   POOLED    lock A, biased to proc 0, of a pooled object: freed under its lock, and born again in
 *             another proc (lock_init in task_new) while old handles are still about
 * The parts
 *   acquire    lock_acquire, lock_try, lock_acquire_slow, revoke, stay_away: who waits for
 *             `held` lets a seizer in; only then, the pauses of others are not modelled
 *   favour     bias: a shared lock becomes biased, here at any time, but as it takes twice as many
 *             acquisitions each time, a few times only (FAVOURED)
 *   claim      lock_claim_slow; lock_init may leave out the bias (the penalty), so both are tried
 *   leave      lock_release and the end of the section, as proc_leave and sy_switch do
 * Checked: at most one proc is at work on an object; a handle names the object it was made for; no
 * hang and no endless retry.
 * Left out: store buffers: section.pml shows that sections and seizures exclude each other and
 * order the data, so they are single steps here, and `held` is taken by a locked instruction. The
 * pool's own lists: a slot is in the pool when the section that freed it has ended (pool_give).
 *
 * Variants
 *   NOLEAVE         who revokes stays in its own section
 *   NORECHECKOWNER  owner is not looked at again after taking held
 *   NOSEIZE         owner is cleared without a seizure
 *   FAVOURUNHELD    a shared lock becomes biased after it was released
 *   NOCAS           under the seizure, owner is compared and cleared in two steps: it may become
 *                   another proc in between, when the object is born again there
 */
#define PROCS 3
#define LOCKS 3
#define A 0
#define B 1
#define C 2
#define NONE 255

#define BIRTHS 2
#ifndef OPERATIONS
#define OPERATIONS 3
#endif

bool in_section[PROCS];
bool seized[PROCS];
byte owner[LOCKS];
bool held[LOCKS];
bool claimed;
byte generation; /* of A's slot */
byte born;       /* the generation that the newest handle names */
byte favours = 2; /* still to come */
bool in_pool;    /* A's slot is free */

byte working[LOCKS]; /* ghost: procs at work on the object */

inline enter(me)
{
    atomic { !seized[me] -> in_section[me] = true }
}

/* Ends the section: first the shared lock that is held, then the section; a freed slot may only
 * now be taken by others. */
inline leave(me, which, shared, freed)
{
    if
    :: shared -> held[which] = false; shared = false
    :: else
    fi;
    atomic {
        in_section[me] = false;
        if
        :: freed -> in_pool = true; freed = false
        :: else
        fi
    }
}

inline clear_owner(which, biased)
{
#ifdef NOCAS
    if
    :: owner[which] == biased -> owner[which] = NONE
    :: else
    fi
#else
    atomic {
        if
        :: owner[which] == biased -> owner[which] = NONE
        :: else
        fi
    }
#endif
}

inline revoke(which, biased)
{
#ifdef NOSEIZE
    clear_owner(which, biased)
#else
    atomic { !seized[biased] -> seized[biased] = true };
    !in_section[biased];
    clear_owner(which, biased);
    seized[biased] = false
#endif
}

/* lock_acquire_slow, and the fast path of lock_acquire, which is its first look. */
inline acquire(me, which, shared, biased)
{
    do
    :: biased = owner[which];
        if
        :: biased == me -> break
        :: biased != me && biased != NONE ->
#ifndef NOLEAVE
            in_section[me] = false;
#endif
            revoke(which, biased);
#ifndef NOLEAVE
            enter(me)
#endif
        :: biased == NONE ->
            if
            :: atomic { held[which] && seized[me] -> in_section[me] = false };
                enter(me)
            :: atomic { !held[which] -> held[which] = true };
#ifdef NORECHECKOWNER
                shared = true;
                break
#else
                if
                :: owner[which] == NONE -> shared = true; break
                :: else -> held[which] = false
                fi
#endif
            fi
        fi
    od;
    biased = 0
}

/* Of pooled objects only: the lock of an object in the caller's storage has no record. */
inline favour(me, which, shared)
{
    if
    :: shared && favours > 0 ->
        favours--;
#ifdef FAVOURUNHELD
        held[which] = false; shared = false;
        owner[which] = me
#else
        owner[which] = me;
        held[which] = false; shared = false
#endif
    :: skip
    fi
}

/* The rest of lock_claim_slow. */
inline claim(me, shared)
{
    if
    :: claimed || owner[C] == me
    :: else ->
        claimed = true;
        if
        :: owner[C] = me; held[C] = false; shared = false
        :: skip /* lock_init made it without bias */
        fi
    fi
}

inline work(which)
{
    atomic { working[which]++; assert(working[which] == 1) };
    working[which]--
}

/* Takes A's slot from the pool, in the section: nobody else has it now. */
inline birth(me)
{
    if
    :: atomic { in_pool -> in_pool = false };
        if
        :: owner[A] = me
        :: owner[A] = NONE /* the penalty */
        fi;
        born = generation
    :: !in_pool
    fi
}

/* By handle, which may have become stale. */
inline use_pooled(me, shared, biased, handle, freed)
{
    acquire(me, A, shared, biased);
#ifdef FAVOURED
    favour(me, A, shared);
#endif
    if
    :: handle == generation ->
        work(A);
        if
        :: skip
        :: generation < BIRTHS -> generation++; freed = true
        fi
    :: else
    fi;
    leave(me, A, shared, freed)
}

proctype proc(byte me)
{
    byte count, biased, handle;
    bool shared, freed;
    do
    :: count < OPERATIONS ->
        count++;
        if
#ifdef POOLED
        :: enter(me);
            use_pooled(me, shared, biased, handle, freed)
        :: enter(me);
            birth(me);
            leave(me, A, shared, freed)
        :: handle != born -> handle = born /* somebody passes the new one on */
#endif
#ifdef CROSSED
        :: enter(me);
            acquire(me, A, shared, biased);
            work(A);
            leave(me, A, shared, freed)
        :: enter(me);
            acquire(me, B, shared, biased);
            work(B);
            leave(me, B, shared, freed)
#endif
#ifdef SHARED
        :: enter(me); /* lock_share: an owner that gives the object away */
            if
            :: owner[A] == me -> owner[A] = NONE
            :: else
            fi;
            leave(me, A, shared, freed)
#endif
#ifdef CLAIMED
        :: enter(me);
            acquire(me, C, shared, biased);
            claim(me, shared);
            work(C);
            leave(me, C, shared, freed)
#endif
        fi
    :: else -> break
    od
}

init
{
    atomic {
        owner[A] = 0;
        owner[B] = 1;
        owner[C] = NONE;
        run proc(0); run proc(1); run proc(2)
    }
}
