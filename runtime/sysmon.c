/* sysmon.c - see sysmon.h. */
#include "sysmon.h"

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>

#include <switchyard/time.h>

#include "base/futex.h"
#include "giveback.h"
#include "quit.h"
#include "retake.h"
#include "schedtrace.h"
#include "scheduler.h"
#include "slice.h"
#include "timer.h"
#include "watch.h"
#include "worker.h"

#define NAP_MIN                                                                                    \
    (20 * SY_MICROSECOND) /* also how long a call may block before its proc is retaken */
#define NAP_MAX (10 * SY_MILLISECOND)
#define QUIET_NAPS 3                           /* without a blocking call, then it sleeps */
#define WANTED_FOR (100 * SY_MILLISECOND)      /* after a wish for a watch, so long more may come */
#define SYSMON_STACK_BYTES ((size_t)256 << 10) /* the dump's backtraces */
#define TIMER_SLACK_NS 1000                    /* the default of 50 us would double NAP_MIN */

struct sysmon sysmon = {.drowsy = ASLEEP};

static struct {
    pthread_t thread;
    bool started; /* sysmon_start and sysmon_stop; both under lock */
    struct spin lock;

    /* Sysmon's own. */
    sy_time wanted_at;       /* when somebody wanted a watch last */
    sy_time unwatched_since; /* when it saw first that nobody watches; SY_FOREVER: somebody does */
    uint32_t watches;        /* how often the watch had changed hands then */

    sigset_t workers_mask; /* signals that the workers it makes block; immutable once started */
} own;

static void wake(void)
{
    /* relaxed: only ends a nap, which looks again at everything */
    store_relaxed(&sysmon.drowsy, AWAKE);
    futex_wake(&sysmon.drowsy, 1);
}

bool sysmon_ask(enum sysmon_request request)
{
    /* release: pairs with the acquire in take_requests */
    fetch_or_release(&sysmon.requests, (uint32_t)request);
    wake();
    return load_relaxed(&sysmon.exists) != 0; /* relaxed: changes before and after a run */
}

void sysmon_wake(void)
{
    /* relaxed: changes before and after a run, and here; without a thread it stays drowsy, so that
     * the next call asks again */
    if (load_relaxed(&sysmon.exists) != 0) {
        wake();
    }
}

void sysmon_rouse(void)
{
    sysmon_start();
    sysmon_wake();
}

/* A thread inherits the signal mask of the one that makes it, and sysmon blocks all. */
void sysmon_begin_making(sigset_t *all)
{
    pthread_sigmask(SIG_SETMASK, &own.workers_mask, all);
}

void sysmon_end_making(const sigset_t *all)
{
    pthread_sigmask(SIG_SETMASK, all, NULL);
}

/* --- the watch -------------------------------------------------------------------------------- */

/* Under no lock. True if a watch is due; *watches: how often it changed hands. */
static bool is_unwatched(uint32_t *watches)
{
    spin_lock(&scheduler.lock);
    bool due = scheduler_has_duty(DUTY_WATCH);
    *watches = scheduler.watches;
    spin_unlock(&scheduler.lock);
    return due;
}

/* It may take a thread, too. */
static void appoint_watch(void)
{
    sigset_t all;
    sysmon_begin_making(&all);
    scheduler_watch();
    sysmon_end_making(&all);
}

/* True while watches are wanted now and then: such naps are long, but not without end. */
static bool look_at_watch(sy_time now)
{
    uint32_t watches = 0;
    /* acquire: no need; what it tells is looked at below */
    if (exchange_acquire(&sysmon.unwatched, 0) != 0) {
        own.wanted_at = now;
    }
    if (now - own.wanted_at > WANTED_FOR) {
        return false;
    }
    if (!is_unwatched(&watches)) {
        own.unwatched_since = SY_FOREVER;
        return true;
    }
    if (own.unwatched_since == SY_FOREVER || watches != own.watches) {
        own.unwatched_since = now;
        own.watches = watches;
    }
    if (now - own.unwatched_since >= WATCH_PERIOD_MIN || timer_next() <= now) {
        own.wanted_at = now;
        own.unwatched_since = SY_FOREVER;
        appoint_watch();
    }
    return true;
}

/* --- the thread ------------------------------------------------------------------------------- */

struct round {
    bool active;   /* something happened: nap shortly */
    bool blocking; /* a call goes on */
    bool watching; /* watches are wanted now and then */
    sy_time slice; /* when its clock wants to look next (slice.h) */
};

static struct round look_around(void)
{
    sy_time now = sy_now();
    struct round round = {.watching = look_at_watch(now), .slice = slice_look(now)};
    for (uint32_t i = 0; i < scheduler_procs(); i++) {
        struct proc *proc = &scheduler.all[i];
        round.active |= retake_look(proc, now);
        round.blocking |= load_relaxed(&proc->blocking) != 0; /* relaxed: a hint */
    }
    return round;
}

/* Sleeps until the deadline, or until something comes that ends a nap of that kind. */
static void nap(enum drowsiness kind, sy_time deadline)
{
    store_relaxed(&sysmon.drowsy, kind); /* relaxed: the fence orders it */
    fence_seq_cst(); /* drowsy, then all else: pairs with those of sysmon_notify and _want_watch */
    /* relaxed: ordered by the fence, or a wake-up follows */
    bool wanted = kind == ASLEEP && load_relaxed(&sysmon.unwatched) != 0;
    if (!wanted && !retake_sees_new() && !slice_is_roused() &&
        load_relaxed(&sysmon.requests) == 0) { /* relaxed: as above */
        futex_wait(&sysmon.drowsy, kind, deadline);
    }
    store_relaxed(&sysmon.drowsy, AWAKE); /* relaxed: we look around next */
}

/* A nap that new calls do not end: it is as short as their time. */
static void nap_shortly(void)
{
    static _Atomic uint32_t never;
    futex_wait(&never, 0, sy_now() + NAP_MIN);
}

static uint32_t take_requests(void)
{
    /* acquire: pairs with the release in sysmon_ask */
    return exchange_acquire(&sysmon.requests, 0);
}

/* False if it shall end. */
static bool serve(void)
{
    uint32_t requests = take_requests();
    if ((requests & SYSMON_DUMP) != 0) {
        quit_dump();
    }
    schedtrace_tick(sy_now());
    giveback_tick(sy_now());
    return (requests & SYSMON_STOP) == 0;
}

static sy_time earlier(sy_time a, sy_time b)
{
    return a < b ? a : b;
}

/* What is to be done at a time, whatever happens. */
static sy_time next_tick(void)
{
    return earlier(schedtrace_next(), giveback_next());
}

/* How long it naps if nothing happens: longer from time to time, but not past a timer that nobody
 * may be watching. */
static sy_time nap_until(const struct round *round, sy_time period)
{
    sy_time until = earlier(sy_now() + period, earlier(round->slice, next_tick()));
    return round->watching ? earlier(until, timer_next()) : until;
}

static void *sysmon_main(void *none)
{
    sy_time period = NAP_MIN;
    uint32_t quiet = 0;
    own.unwatched_since = SY_FOREVER;
    own.wanted_at = -WANTED_FOR;
    prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS, 0, 0, 0);
    while (serve()) {
        struct round round = look_around();
        quiet = round.blocking ? 0 : quiet + 1;
        period = round.active ? NAP_MIN : earlier(period * 2, NAP_MAX);
        if (round.active || (!round.blocking && quiet < QUIET_NAPS)) {
            nap_shortly();
        } else if (round.blocking || round.watching) {
            nap(DROWSY, nap_until(&round, period));
        } else {
            period = NAP_MIN;
            nap(ASLEEP, earlier(round.slice, next_tick()));
        }
    }
    return none;
}

void sysmon_start(void)
{
    pthread_attr_t attributes;
    sigset_t all;
    spin_lock(&own.lock);
    if (!own.started) {
        sigfillset(&all);
        sigdelset(&all, SIGSEGV); /* a dump reads stacks that hibernate */
        sigdelset(&all, SIGBUS);
        pthread_sigmask(SIG_SETMASK, &all, &own.workers_mask);
        pthread_attr_init(&attributes); /* cannot fail in glibc */
        pthread_attr_setstacksize(&attributes, SYSMON_STACK_BYTES);
        /* relaxed: see sysmon_ask; before it runs, for it may make a worker that asks at once */
        store_relaxed(&sysmon.exists, 1);
        own.started = pthread_create(&own.thread, &attributes, sysmon_main, NULL) == 0;
        pthread_attr_destroy(&attributes);
        store_relaxed(&sysmon.exists, own.started); /* relaxed: see sysmon_ask */
        pthread_sigmask(SIG_SETMASK, &own.workers_mask, NULL);
    }
    spin_unlock(&own.lock);
}

void sysmon_stop(void)
{
    if (own.started) {
        sysmon_ask(SYSMON_STOP);
        pthread_join(own.thread, NULL);
        own.started = false;
        store_relaxed(&sysmon.exists, 0); /* relaxed: nothing runs any more */
        if ((take_requests() & SYSMON_DUMP) != 0) {
            quit_dump(); /* it came together with the end */
        }
        store_relaxed(&sysmon.drowsy, ASLEEP); /* relaxed: nothing runs any more */
    }
}
