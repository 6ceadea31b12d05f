/* hibernate.pml - a stack goes cold and comes back while its task, and others, use it.
 * good: - PARKS=2,WRITES=3
 * bad: NOPROTECT NOGRACE NORECHECK NOSP NOTRAP NOLOCK NOBUSY NOTATOMIC NOLOOK EARLY
 *
 * Modelled: runtime/hibernate.h. One slot, whose stack is one page: the task uses its cell A, or
 * A and B, when its stack pointer is 1 or 2; somebody else writes to cell F through a pointer. The
 * page is there or not, write-protected or not, a guard, or trapped (uffd_trap). Each access looks
 * at that, as the processor does, and goes on in hibernate_touch if it faults.
 *   sysmon   look_at, mark (1, 2), await_sections (3), copy_out (4, 5), cool_run (6, 7)
 *   task     parks: PARKED, then pushes what it needs, then saves the stack pointer, then leaves the
 *            section; is woken at any time, with or without hibernate_wake; if with, lets the
 *            kernel write to its stack; looks at its stack
 *   writer   reads F, writes one more
 * Checked: each finds what it left; the kernel can write to the stack of a task that was woken by
 * hibernate_wake; nobody waits for ever (an invalid end state).
 * Left out: store buffers, for the pages change under interrupts to all processors, and step 3 is
 * section.pml's; several slots, pins, the store of blocks.
 *
 * Variants
 *   NOPROTECT  without step 2      NOGRACE  without step 3      NOSP  4 looks at no stack pointer
 *   NORECHECK  4 takes the slot although it is not MARKED any more
 *   NOTRAP     6 takes the page away while the next access finds zeros
 *   NOLOCK     b says WARM before the protection has ended
 *   NOBUSY     1 says MARKED before there is a protection
 *   NOTATOMIC  c takes the guard away before the bytes are there
 *   NOLOOK     1 does not look at the task again when the slot is BUSY
 *   EARLY      a waker touches before he says that the task is RUNNING
 */
#ifndef PARKS
#define PARKS 3
#endif
#ifndef WRITES
#define WRITES 2
#endif
#define ROUNDS 2 /* of sysmon */

#define WARM 0
#define BUSY 1
#define MARKED 2
#define COLD 3
#define LOCKED 4

#define RUNNING 0
#define PARKED 1

#define A 0
#define B 1
#define F 2

byte word = WARM;
byte page[3];          /* A, B, F */
byte kept[3];          /* the block of the store */
bool there = true;     /* the page is */
bool guarded;          /* a guard is in its place */
bool protected;
bool trapped;
byte state = RUNNING;
byte sp;
bool section;          /* the task's proc is in its section */

inline zero_page() { page[A] = 0; page[B] = 0; page[F] = 0 }

/* Steps a to d. */
inline touch()
{
    do
    :: atomic { word == WARM -> break }
#ifdef NOLOCK
    :: atomic { word == MARKED -> word = WARM };
        protected = false
#else
    :: atomic { word == MARKED -> word = LOCKED };
        protected = false;
        word = WARM
#endif
    :: atomic { word == COLD -> word = LOCKED };
#ifdef NOTATOMIC
        atomic { guarded = false; there = true; protected = false; zero_page() };
#endif
        atomic {
            guarded = false; there = true; protected = false;
            page[A] = kept[A]; page[B] = kept[B]; page[F] = kept[F]
        };
        word = WARM
    od
}

#define FAULTS_READ (guarded || (!there && trapped))
#define FAULTS_WRITE (FAULTS_READ || (there && protected))

/* The kernel's own write: it would fail, or be lost. */
inline kernel_writes()
{
    assert(there && !guarded && !protected)
}

inline fault_in()
{
    if
    :: !there -> there = true; protected = false; zero_page()
    :: else
    fi
}

inline read(cell, value)
{
    do
    :: atomic { !FAULTS_READ -> fault_in(); value = page[cell]; break }
    :: FAULTS_READ -> touch()
    od
}

inline write(cell, value)
{
    do
    :: atomic { !FAULTS_WRITE -> fault_in(); page[cell] = value; break }
    :: atomic { FAULTS_WRITE -> assert(word != WARM) }; /* or it would fault for ever */
        touch()
    od
}

proctype task()
{
    byte park, depth, seen;
    do
    :: park < PARKS ->
        park++;
        select(depth : 1 .. 2);
        section = true;
        state = PARKED;
        write(A, park);
        if
        :: depth == 2 -> write(B, park)
        :: else
        fi;
        sp = depth;
        section = false;
        if /* woken, whenever that is */
        :: true -> /* by a waker who knows */
#ifdef EARLY
            touch();
            state = RUNNING;
#else
            state = RUNNING;
            touch();
#endif
            kernel_writes()
        :: state = RUNNING /* or by one who does not */
        fi;
        read(A, seen);
        assert(seen == park);
        if
        :: depth == 2 -> read(B, seen); assert(seen == park)
        :: else
        fi;
        seen = 0
    :: else -> break
    od
}

proctype writer()
{
    byte count, seen;
    do
    :: count < WRITES ->
        read(F, seen);
        assert(seen == count);
        write(F, seen + 1);
        count++
    :: else -> break
    od;
    read(F, seen);
    assert(seen == count)
}

proctype sysmon()
{
    byte round, first;
    do
    :: round < ROUNDS ->
        round++;
        if
        :: state == PARKED -> first = sp
        :: else
        fi;
        /* 1 */
        if
        :: atomic { word == WARM && first > 0 ->
#ifdef NOBUSY
            word = MARKED };
#else
            word = BUSY };
#endif
#ifndef NOLOOK
            if
            :: state == PARKED && sp == first
            :: else ->
                if
                :: word == BUSY -> word = WARM
                :: word != BUSY /* NOBUSY */
                fi;
                goto next
            fi;
#endif
            /* 2 */
#ifndef NOPROTECT
            atomic {
                if
                :: there -> protected = true
                :: else
                fi
            };
#endif
#ifndef NOBUSY
            word = MARKED;
#endif
            /* 3 */
#ifndef NOGRACE
            !section;
#endif
            /* 4 */
            if
#ifdef NOSP
            :: state == PARKED ->
#else
            :: state == PARKED && sp == first ->
#endif
                if
#ifdef NORECHECK
                :: atomic { word == MARKED || word == WARM -> word = BUSY };
#else
                :: atomic { word == MARKED -> word = BUSY };
#endif
                    /* 5 */
                    kept[A] = page[A];
                    kept[F] = page[F];
                    kept[B] = (first == 2 -> page[B] : 99);
                    /* 6 */
#ifndef NOTRAP
                    trapped = true;
#endif
                    there = false;
                    atomic { there = false; protected = false; guarded = true };
                    trapped = false;
                    word = COLD
                :: word != MARKED -> touch()
                fi
            :: else -> touch()
            fi
        :: else
        fi;
next:
        first = 0
    :: else -> break
    od
}

init
{
    atomic { run task(); run writer(); run sysmon() }
}
