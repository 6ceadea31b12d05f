/* timer_chan.pml - timers of channels: set, stop, fire, and the move of a heap.
 * good: -
 * bad: NOFIRING ENDFIRST ONCE NOHALT NOWAIT NODONE NOBUSY
 *
 * Modelled: runtime/timer_chan.c, and of timer_heap.c and timer.c what it uses. Two tasks set and
 * stop one timer, periodic or not, ROUNDS times each; two workers, each with a proc, fire what is in
 * either heap, at any time after it was armed; the heap of proc 1 is moved to that of proc 0.
 *   user     sy_timer_set, sy_timer_stop: disarm (1, 2), rearm (3)
 *   remove   timer_heap_remove, timer_disarm: what it reads under the lock of one heap may change
 *            under the lock of the other, so each read is a step
 *   worker   timer_heap_take_due, timer_chan_fire (b to d), timer_heap_insert
 *   mover    timer_heap_move
 * Checked: a timer is taken out of the heap that it is in; after disarm it is in no heap, and no
 * worker touches it before it is armed again, so its storage may go; the count of armed timers is
 * right after each set and stop; no hang.
 * Left out: store buffers (disarm and fire have a full fence each between halt and what they look at
 * or have changed). The channel. The heaps' order, and when a timer is due.
 *
 * Variants
 *   NOFIRING   remove does not look at firing
 *   ENDFIRST   insert clears firing before it notes the proc
 *   ONCE       disarm looks only once
 *   NOHALT     disarm does not ask for a halt
 *   NOWAIT     disarm does not wait for the firing worker
 *   NODONE     the worker that obeys a halt does not say that the timer was armed
 *   NOBUSY     set and stop do not exclude each other
 */
#ifndef ROUNDS
#define ROUNDS 2
#endif
#define NO 0
#define ASKED 1
#define DONE 2

bool heap_lock[2];
bool in_heap[2]; /* under the lock of the heap */
bool busy;

/* The timer. */
bit proc;
bool placed; /* place != 0 */
bool firing;
byte halt;
bool periodic;

byte armed_count;
bool quiet = true; /* ghost: disarmed, so that nobody but a user may touch it */

inline take(word)
{
    atomic { !word -> word = true }
}

inline touch()
{
    assert(!quiet)
}

inline insert(heap)
{
    take(heap_lock[heap]);
#ifdef ENDFIRST
    firing = false;
    proc = heap;
#else
    proc = heap;
    firing = false;
#endif
    atomic { placed = true; in_heap[heap] = true };
    heap_lock[heap] = false
}

/* timer_disarm; adds to armed. */
inline disarm_once(heap, fired, here, armed)
{
    do
    :: heap = proc;
        take(heap_lock[heap]);
#ifndef NOFIRING
        fired = firing;
#endif
        here = proc == heap;
        if
        :: here && !fired && placed ->
            atomic {
                assert(in_heap[heap]);
                in_heap[heap] = false;
                placed = false;
                armed = true
            }
        :: else
        fi;
        heap_lock[heap] = false;
        if
        :: here -> break
        :: else
        fi
    od;
#ifndef NOWAIT
    !firing;
#endif
    atomic { heap = 0; fired = false; here = false }
}

proctype user()
{
    byte rounds;
    bit heap;
    bool fired, here, armed;
    do
    :: rounds < ROUNDS ->
        rounds++;
#ifndef NOBUSY
        take(busy);
#endif
#ifndef NOHALT
        halt = ASKED;
#endif
        disarm_once(heap, fired, here, armed);
#ifndef ONCE
        disarm_once(heap, fired, here, armed);
#endif
        atomic {
            armed = armed || halt == DONE;
            quiet = true;
            assert(!in_heap[0] && !in_heap[1] && !firing)
        };
        if
        :: true -> /* set */
            atomic {
                armed_count = armed_count + (armed -> 0 : 1);
                assert(armed_count == 1);
                halt = NO;
                quiet = false;
                if
                :: periodic = true
                :: periodic = false
                fi
            };
            if
            :: heap = 0
            :: heap = 1
            fi;
            insert(heap)
        :: true -> /* stop */
            atomic {
                armed_count = armed_count - (armed -> 1 : 0);
                halt = (halt == DONE -> ASKED : halt); /* read by nobody before the next disarm */
                assert(armed_count == 0)
            }
        fi;
        atomic { heap = 0; armed = false };
#ifndef NOBUSY
        busy = false
#endif
    :: else -> break
    od
}

proctype worker(bit me)
{
    bit heap;
    bool due;
end:
    do
    :: atomic {
            in_heap[0] || in_heap[1] ->
            if
            :: in_heap[0] -> heap = 0
            :: in_heap[1] -> heap = 1
            fi
        };
        take(heap_lock[heap]);
        if
        :: in_heap[heap] ->
            atomic { in_heap[heap] = false; placed = false; firing = true; due = true }
        :: else
        fi;
        heap_lock[heap] = false;
        if
        :: due ->
            touch();
            if
            :: periodic && halt == NO ->
                insert(me)
            :: else ->
                touch();
                if
#ifdef NODONE
                :: periodic
#else
                :: periodic -> halt = DONE
#endif
                :: !periodic -> armed_count--
                fi;
                atomic { touch(); firing = false }
            fi
        :: else
        fi;
        atomic { heap = 0; due = false }
    od
}

proctype mover()
{
    take(heap_lock[0]);
    take(heap_lock[1]);
    atomic {
        if
        :: in_heap[1] -> in_heap[1] = false; in_heap[0] = true; proc = 0
        :: else
        fi
    };
    heap_lock[1] = false;
    heap_lock[0] = false
}

init
{
    atomic { run user(); run user(); run worker(0); run worker(1); run mover() }
}
