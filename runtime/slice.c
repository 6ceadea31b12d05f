/* slice.c - see slice.h. */
#include "slice.h"

#include <switchyard/time.h>

#include "global.h"
#include "netpoll.h"
#include "preempt.h"
#include "preempt_signal.h"
#include "scheduler.h"
#include "settings.h"
#include "sysmon.h"
#include "timer.h"
#include "tune.h"

#define PERIOD (5 * SY_MILLISECOND)
#define GRACE SY_MILLISECOND /* from one request to the next */
#define PATIENT_ASKS 16      /* so many, and it asks every PERIOD only: the task may forbid it */
#define QUIET_LOOKS 4

#define TUNE_NONE_OF_IT (TUNE_NOPREEMPTCALL | TUNE_NOPREEMPTPROLOGUE | TUNE_NOPREEMPTSIGNAL)

/* Sysmon's own. */
static struct {
    sy_time next;
    uint32_t quiet; /* looks in a row at which nothing waited */
    bool dozes;     /* step 1 was taken */
} own;

/* What it saw, of all procs. */
struct view {
    sy_time now;
    sy_time timer; /* the earliest */
    bool idle;     /* a proc is: it cares for all that is in no busy proc's queue */
    bool polled;   /* nobody waits for descriptors, or somebody looks after them */
    bool waits;
    bool asked;
};

static bool is_chaos(void)
{
    return settings.preempt != 0;
}

static sy_time period(void)
{
    return is_chaos() ? settings.preempt : PERIOD;
}

void slice_start(void)
{
    own.next = 0;
    own.quiet = 0;
    own.dozes = false;
}

/* --- one turn --------------------------------------------------------------------------------- */

/* Steps 3 and 4 of preempt.h. */
static void ask(struct proc *proc, uint64_t turn)
{
    bool others = (tune_off & (TUNE_NOPREEMPTCALL | TUNE_NOPREEMPTPROLOGUE)) !=
                  (TUNE_NOPREEMPTCALL | TUNE_NOPREEMPTPROLOGUE);
    store_relaxed(&proc->wanted_turn, turn + 1); /* relaxed: a hint, see preempt.h */
    if ((tune_off & TUNE_NOPREEMPTCALL) == 0) {
        fetch_or_release(&proc->seized, WANTED); /* release: wanted_turn should come first */
    }
    if ((tune_off & TUNE_NOPREEMPTPROLOGUE) == 0) {
        preempt_poison(proc);
    }
    if ((tune_off & TUNE_NOPREEMPTSIGNAL) == 0 && (proc->turn_asked > 0 || !others || is_chaos())) {
        preempt_signal_send(proc);
    }
    proc->turn_asked++;
}

/* True if a task could run in place of that which runs on the proc. */
static bool is_missed(struct proc *proc, const struct view *view)
{
    return runq_has_tasks(&proc->runq) ||
           (!view->idle && (global_length() > 0 || view->timer <= view->now || !view->polled));
}

static void look_at_turn(struct proc *proc, struct view *view)
{
    uint64_t turn = load_relaxed(&proc->switches); /* relaxed: see preempt.h */
    if (turn != proc->turn_seen) {
        proc->turn_seen = turn;
        proc->turn_since = view->now;
        proc->turn_asked = 0;
    }
    view->waits |= runq_has_tasks(&proc->runq);
    bool in_call = load_relaxed(&proc->blocking) != 0; /* relaxed: a hint */
    bool is_long = view->now - proc->turn_since >= SLICE && is_missed(proc, view);
    if (!in_call && (is_long || is_chaos())) {
        ask(proc, turn);
        view->asked |= proc->turn_asked < PATIENT_ASKS;
    }
}

/* --- all of them ------------------------------------------------------------------------------ */

static struct view look_around(sy_time now)
{
    struct view view = {.now = now, .timer = timer_next()};
    spin_lock(&scheduler.lock);
    bool poller = scheduler.poller != NULL;
    spin_unlock(&scheduler.lock);
    /* relaxed, both: hints */
    view.idle = load_relaxed(&scheduler.idle_procs) > 0;
    view.polled = poller || !netpoll_waits() || now - load_relaxed(&scheduler.polled_at) < SLICE;
    for (uint32_t i = 0; i < scheduler_procs(); i++) {
        look_at_turn(&scheduler.all[i], &view);
    }
    view.waits |=
        global_length() > 0 || (!view.idle && (netpoll_waits() || view.timer <= now + PERIOD));
    return view;
}

static bool all_idle(void)
{
    /* relaxed, both: under no lock a hint; who changes them tests the duty under it */
    return load_relaxed(&scheduler.idle_procs) == load_relaxed(&scheduler.active);
}

/* Steps 1 to 3; when to look next. */
static sy_time doze(sy_time now)
{
    scheduler_set_duty(DUTY_SLICE, true);
    bool rests = all_idle();
    if (!rests) {
        proc_fence_all(); /* step 2: pairs with the compiler's order of a and b */
    }
    own.dozes = true;
    struct view view = look_around(now);
    if (view.waits || (!proc_asymmetric && !rests)) {
        scheduler_set_duty(DUTY_SLICE, false);
        own.dozes = false;
        return now + period();
    }
    return view.idle ? SY_FOREVER : view.timer;
}

sy_time slice_look(sy_time now)
{
    if (own.dozes && slice_is_roused()) {
        own.dozes = false;
        own.quiet = 0;
        own.next = now;
    }
    if (now < own.next || (tune_off & TUNE_NONE_OF_IT) == TUNE_NONE_OF_IT) {
        return now < own.next ? own.next : SY_FOREVER;
    }
    struct view view = look_around(now);
    own.quiet = view.waits || view.asked ? 0 : own.quiet + (all_idle() ? QUIET_LOOKS : 1);
    if (own.quiet >= QUIET_LOOKS) {
        own.next = doze(now);
    } else {
        own.next = now + (view.asked && !is_chaos() ? GRACE : period());
    }
    return own.next;
}

bool slice_is_roused(void)
{
    return own.dozes && !scheduler_has_duty(DUTY_SLICE);
}

void slice_rouse(void)
{
    spin_lock(&scheduler.lock);
    slice_rouse_locked();
    spin_unlock(&scheduler.lock);
}

void slice_rouse_locked(void)
{
    if (scheduler_has_duty(DUTY_SLICE)) {
        scheduler_set_duty_locked(DUTY_SLICE, false);
        fence_seq_cst(); /* the duty, then drowsy: pairs with the one in nap */
        sysmon_wake();
    }
}
