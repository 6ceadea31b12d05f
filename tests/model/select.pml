/* select.pml - select over channels, with one channel's lock at a time.
 * good: PAIR PAIR,TIMED PAIR,OFFERS,TIMED SELF,OFFERS,TIMED
 * progress: PAIR SELF,OFFERS,TIMED
 * bad: PAIR,NOLOOK PAIR,TIMED,NOCLAIM PAIR,NOSERVED PAIR,NOOWNLOCK PAIR,OFFERS,TIMED,NOLEAVE
 * bad: PAIR,OFFERS,TIMED,NOCHECK PAIR,EARLYRELEASE
 *
 * Modelled: runtime/select.c, chan_pass.h, on two unbuffered channels.
 *   PAIR    two selects, each other's partners in both channels: one receives from 0 or sends on 1,
 *           the other sends on 0 or receives from 1
 *   SELF    one select that sends on 0 or receives from 0; it is never its own partner
 *   OFFERS  somebody sends on 0 once, if a receiver waits there (sy_chan_try_send)
 *   TIMED   the deadline of a select may come at any time
 * Checked: each select does one case, with a partner that does the other half; nobody touches a
 * select that is over; a wake-up finds the registers saved; no hang (of a select whose partner came,
 * or which has a deadline), no endless starting over.
 * Left out: buffers and closing, which step 2 sees in the same way as a partner; plain waiters; the
 * order in a queue: any stand-in may be the first.
 *
 * Variants
 *   NOLOOK        step 2 joins the queues without looking for partners
 *   NOCLAIM       whose deadline comes does not claim itself
 *   NOSERVED      step 3 parks without looking whether it is served
 *   NOOWNLOCK     d takes no lock
 *   NOLEAVE       step 5 is missing
 *   NOCHECK       b claims without looking whether somebody else has
 *   EARLYRELEASE  the select releases its own lock before its registers are saved
 */
#define CHANS 2
#define RECEIVES 0
#define SENDS 1
#define NOBODY 255

#define WAITS 0
#define AGAIN 1
#define LATE 2

#ifdef PAIR
#define SELECTS 2
/* Select 0 receives from 0 and sends on 1; select 1 the other way. */
#define DIRECTION(me, index) ((me + index) % 2 == 0 -> RECEIVES : SENDS)
#define CHANNEL(index) (index)
#else
#define SELECTS 1
#define DIRECTION(me, index) (index)
#define CHANNEL(index) 0
#endif
#define CASES 2
#define PLACE(ch, direction, who) ((ch) * 4 + (direction) * 2 + (who))

bool chan_lock[CHANS];
bool queued[8]; /* PLACE: a stand-in is in the queue; the channel's lock */
bool claimed[2];
bool own_lock[2];
byte served[2]; /* the channel + 1; own_lock */
bool parked[2]; /* own_lock */
bool saved[2], ready[2];

/* Ghosts. */
bool open[2];      /* in a select that may be served */
byte done[2];      /* the channel + 1 of the case that was done */
byte moved[CHANS]; /* elements that went through */

inline take(word)
{
    atomic { !word -> word = true }
}

inline try_claim(who, got)
{
    atomic {
#ifdef NOCHECK
        got = true;
#else
        got = !claimed[who];
#endif
        claimed[who] = true
    }
}

/* Steps a and b, under the channel's lock: somebody in the other direction's queue, or NOBODY. */
inline find_partner(ch, direction, partner, got)
{
    got = false;
    do
    :: got -> break
    :: !got && queued[PLACE(ch, direction, 0)] ->
        queued[PLACE(ch, direction, 0)] = false;
        partner = 0;
        assert(open[0]);
        try_claim(0, got)
    :: !got && queued[PLACE(ch, direction, 1)] ->
        queued[PLACE(ch, direction, 1)] = false;
        partner = 1;
        assert(open[1]);
        try_claim(1, got)
    :: !got && !queued[PLACE(ch, direction, 0)] && !queued[PLACE(ch, direction, 1)] ->
        partner = NOBODY;
        break
    od;
    got = false
}

/* Step d. */
inline serve(who, ch)
{
#ifndef NOOWNLOCK
    take(own_lock[who]);
#endif
    assert(open[who] && served[who] == 0);
    served[who] = ch + 1;
    if
    :: parked[who] ->
        parked[who] = false;
#ifndef NOOWNLOCK
        own_lock[who] = false;
#endif
        atomic { assert(saved[who] && !ready[who]); ready[who] = true }
    :: else ->
#ifndef NOOWNLOCK
        own_lock[who] = false
#else
        skip
#endif
    fi
}

/* Step 1 for one case. */
inline try_case(me, ch, direction, partner, got)
{
    take(chan_lock[ch]);
    find_partner(ch, 1 - direction, partner, got);
    if
    :: partner != NOBODY ->
        moved[ch]++;
        chan_lock[ch] = false;
        serve(partner, ch);
        done[me] = ch + 1
    :: else -> chan_lock[ch] = false
    fi;
    partner = NOBODY
}

/* Somebody else in that queue who has not been claimed. */
#define LIVE(me, ch, direction, who)                                                             \
    (who != me && queued[PLACE(ch, direction, who)] && !claimed[who])

/* Step 2 for one case. */
inline join_queue(me, ch, direction, status)
{
    take(chan_lock[ch]);
    if
#ifndef NOLOOK
    :: LIVE(me, ch, 1 - direction, 0) || LIVE(me, ch, 1 - direction, 1) -> status = AGAIN
    :: else ->
#else
    :: true ->
#endif
        queued[PLACE(ch, direction, me)] = true
    fi;
    chan_lock[ch] = false
}

inline release_own(me)
{
#ifdef EARLYRELEASE
    own_lock[me] = false;
    saved[me] = true
#else
    saved[me] = true;
    own_lock[me] = false
#endif
}

/* Step 3; with_deadline: the timer may take it out, under its own lock. */
inline await(me, with_deadline, status)
{
    take(own_lock[me]);
    if
#ifndef NOSERVED
    :: served[me] != 0 -> own_lock[me] = false
    :: served[me] == 0 ->
#else
    :: true ->
#endif
        parked[me] = true;
        release_own(me);
        if
        :: atomic { ready[me] -> ready[me] = false; saved[me] = false }
#ifdef TIMED
        :: atomic { with_deadline && !own_lock[me] && parked[me] ->
            parked[me] = false; saved[me] = false; status = LATE }
#endif
        fi
    fi
}

/* Step 5. */
inline leave_queues(me, joined)
{
#ifndef NOLEAVE
    do
    :: joined > 0 ->
        joined--;
        if
        :: served[me] == CHANNEL(joined) + 1 &&
           !queued[PLACE(CHANNEL(joined), DIRECTION(me, joined), me)] /* the one that was served */
        :: else ->
            take(chan_lock[CHANNEL(joined)]);
            queued[PLACE(CHANNEL(joined), DIRECTION(me, joined), me)] = false;
            chan_lock[CHANNEL(joined)] = false
        fi
    :: else -> break
    od
#else
    joined = 0
#endif
}

proctype chooser(byte me)
{
    byte partner = NOBODY, joined, status, first;
    bool got;
    do
    :: done[me] == 0 && status != LATE ->
        if
        :: first = 0
        :: first = 1
        fi;
        try_case(me, CHANNEL(first), DIRECTION(me, first), partner, got);
        if
        :: done[me] == 0 ->
            try_case(me, CHANNEL(1 - first), DIRECTION(me, 1 - first), partner, got)
        :: else
        fi;
        if
        :: done[me] == 0 ->
            atomic { claimed[me] = false; served[me] = 0; open[me] = true; status = WAITS };
            do
            :: joined < CASES && status == WAITS ->
                join_queue(me, CHANNEL(joined), DIRECTION(me, joined), status);
                joined = (status == WAITS -> joined + 1 : joined)
            :: else -> break
            od;
            if
            :: status == WAITS -> await(me, true, status)
            :: else
            fi;
            if
            :: status != WAITS ->
#ifdef NOCLAIM
                got = true;
                if
                :: status == AGAIN -> try_claim(me, got)
                :: else
                fi;
#else
                try_claim(me, got);
#endif
                if
                :: !got -> await(me, false, status); status = WAITS
                :: else
                fi;
                got = false
            :: else
            fi;
            leave_queues(me, joined);
            atomic {
                open[me] = false;
                if
                :: status == WAITS -> done[me] = served[me]; assert(done[me] != 0)
                :: else
                fi
            }
        :: else
        fi
    :: else -> break
    od;
    status = 0
}

#ifdef OFFERS
proctype offerer()
{
    byte partner = NOBODY;
    bool got;
    take(chan_lock[0]);
    find_partner(0, RECEIVES, partner, got);
    if
    :: partner != NOBODY ->
        moved[0]++;
        chan_lock[0] = false;
        serve(partner, 0)
    :: else -> chan_lock[0] = false
    fi
}
#endif

init
{
    atomic {
#ifdef OFFERS
        run offerer();
#endif
        run chooser(0);
#ifdef PAIR
        run chooser(1)
#endif
    }
}
