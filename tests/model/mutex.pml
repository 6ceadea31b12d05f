/* mutex.pml - the mutex: waiting in line, waking one to try again, handing over to who starves.
 * good: - TIMED
 * progress: - TIMED
 * bad: NOCLEAR NOLOOK NOREQUEUE NOHOLDER TIMED,EARLYCLEAR
 *
 * Modelled: runtime/mutex.c. Three tasks lock and unlock ROUNDS times; what a call does under the
 * mutex's lock is one step (lock.pml). Whether the first waiter starves is open at each unlock. The
 * line is a queue and a place before it: only one is on the way to try again at a time.
 *   TIMED  task 1 may give up whenever it stands in line (deadline, cancellation)
 * Checked: one task inside at a time; whom the mutex is handed to holds it; no hang, no endless
 * retry.
 * Left out: how a task parks (timer.pml, wake.pml): a message for each task stands for the wake-up.
 *
 * Variants
 *   NOCLEAR     who tries again does not say that it is no longer on the way
 *   NOLOOK      who tries again takes the mutex without looking whether it is free
 *   NOREQUEUE   who tries again in vain does not go back into the line
 *   NOHOLDER    an unlock that hands over leaves the mutex free for others
 *   EARLYCLEAR  who gives up says that nobody is on the way, though another one may be: it may
 *               wake a second one, which is harmless, but its place before the line is taken
 */
#define TASKS 3
#ifndef ROUNDS
#define ROUNDS 3
#endif

#define HANDED 1
#define RETRY 2

byte owner; /* 0: free */
bool woken;
chan line = [TASKS] of { byte };
byte front;          /* before the line; 0: nobody */
byte message[TASKS + 1]; /* to a task that was taken out of the line */

byte inside; /* ghost */

inline unlock(me, first)
{
    atomic {
        assert(owner == me);
        first = 0;
        if
        :: front != 0 -> first = front
        :: front == 0 && nempty(line) -> line?<first>
        :: front == 0 && empty(line)
        fi;
        if
        :: first == 0 || woken -> owner = 0 /* 1 and 3 */
        :: first != 0 -> /* 2: it starves */
            take_out(first);
#ifdef NOHOLDER
            owner = 0;
#else
            owner = first;
#endif
            message[first] = HANDED
        :: first != 0 && !woken -> /* 4 */
            take_out(first);
            owner = 0;
            woken = true;
            message[first] = RETRY
        fi;
        first = 0
    }
}

inline take_out(who)
{
    if
    :: front == who -> front = 0
    :: front != who -> line??eval(who)
    fi
}

inline try_again(me, has)
{
    atomic {
#ifndef NOCLEAR
        woken = false;
#endif
        if
#ifdef NOLOOK
        :: owner = me; has = true
#else
        :: owner == 0 -> owner = me; has = true
        :: owner != 0 ->
#ifndef NOREQUEUE
            assert(front == 0);
            front = me
#endif
#endif
        fi
    }
}

proctype task(byte me)
{
    byte rounds, first;
    bool has, gone;
    do
    :: rounds < ROUNDS ->
        rounds++;
        atomic {
            if
            :: owner == 0 -> owner = me; has = true
            :: owner != 0 -> line!me
            fi
        };
        do
        :: has || gone -> break
        :: !has && !gone ->
            if
            :: atomic { message[me] == HANDED -> message[me] = 0; has = true }
                assert(owner == me)
            :: atomic { message[me] == RETRY -> message[me] = 0 }
                try_again(me, has)
#ifdef TIMED
            :: atomic { me == 1 && message[me] == 0 && (front == me || line??[eval(me)]) ->
                take_out(me);
#ifdef EARLYCLEAR
                woken = false;
#endif
                gone = true }
#endif
            fi
        od;
        if
        :: has ->
            atomic { inside++; assert(inside == 1) };
            inside--;
            unlock(me, first)
        :: !has
        fi;
        atomic { has = false; gone = false }
    :: else -> break
    od
}

init
{
    atomic { run task(1); run task(2); run task(3) }
}
