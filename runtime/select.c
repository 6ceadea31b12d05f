/* select.c - select over channels, with the lock of one channel at a time.
 *
 *   select                                       whoever can pass an element (chan_pass.h)
 *   1. in random order, under each channel's     a. under the channel's lock: takes a stand-in out
 *      lock: can the case be done? done             of the queue
 *   2. in the order of the channels' addresses,  b. claims its select (compare-and-swap, 0 to 1);
 *      under the lock: it could be done now?        claimed already: drops it, to a
 *      to 5 and start over; else a stand-in      c. passes the element, from or to where the
 *      joins its queue                              stand-in says; releases the channel's lock
 *   3. under its own lock: served? to 5;         d. under the lock of the select's task: notes
 *      else parks                                   that it is served; parked? makes it ready
 *   4. woken by the deadline or a cancellation:
 *      claims itself; cannot? back to 3, without a deadline
 *   5. (from 2: claims itself first; cannot? to 3) takes its stand-ins out of all queues, under
 *      each channel's lock
 *
 * 1. Exactly one end: what happens to a select is decided by who claims it, and a claim is for
 *    good. Only the claimer touches its elements, and the select stays until d.
 * 2. No lost wake-up: step 2 looks at a channel and joins its queue under one hold of its lock. So
 *    whoever makes the case possible comes before, and is seen, or later, and finds the stand-in.
 * 3. No wake-up before the park: d needs the lock that the park releases when the registers are
 *    saved; if d comes first, step 3 sees it.
 * 4. No endless start over: who starts over has seen an element, room, a close, or another waiter
 *    that was not claimed. If such a waiter is gone at the next look, it was served, or is a select
 *    that starts over itself because of a channel with a higher address, as selects join their
 *    queues in that order: the chain ends at one that stays.
 * 5. A select is never its own partner: step 2 passes over its own stand-ins, and in 1 it has none.
 * 6. A stand-in is in a queue, or was taken out under the channel's lock: step 5 takes each lock,
 *    also that of a channel which was freed since, which drops those that were claimed (its memory
 *    is type-stable), so that nobody looks at a stand-in any more when the call returns. But for
 *    the one that was served: who claimed it had taken it out, and looks at it no more after d.
 * 7. From 2 to 5 the task is not preempted where it enters a section: d may look at any time
 *    whether it is parked, under its lock, and a preemption would write `reason` without that. Nor
 *    shall others meet stand-ins of one that waits for a turn with its claim made. The calls before
 *    2 and after 5 look.
 *
 * Rejected: all channels' locks at once, as Go has it: biased locks do not nest (lock.h, 2). A
 * claim that may be given back (Reppy's Concurrent ML): who meets it must wait or come again.
 * Model: tests/model/select.pml.
 */
#include "select.h"

#include <errno.h>
#include <stdlib.h>

#include <switchyard/time.h>

#include "base/cases.h"
#include "base/misuse.h"
#include "chan_pass.h"

#define FEW 4             /* cases that wait without malloc */
#define ORDERED_FEW 16    /* cases that are looked at without malloc */
#define NOT_READY (-1024) /* no errno: no case can be done */

/* What a call is about. */
struct choice {
    struct sy_case *cases;
    uint64_t *order; /* room for count: case numbers, or keys to sort by */
    uint32_t count;
};

/* --- for whoever passes an element ------------------------------------------------------------ */

static struct select *select_of(const struct task *stand_in)
{
    return (struct select *)(uintptr_t)
        stand_in->object; /* which the node of a case does not change */
}

const struct task *select_task_of(const struct task *waiting)
{
    return is_stand_in(waiting) ? select_of(waiting)->task : waiting;
}

static bool claim(struct select *select)
{
    uint32_t open = 0;
    /* acq_rel: the claimer reads what the select's task wrote, and that one, if it cannot claim
     * itself, waits for d; pairs with itself */
    return cas_acq_rel(&select->claimed, &open, 1);
}

struct task *select_claim_first(struct waitq *queue, struct task *stand_in)
{
    struct task *task = stand_in;
    while (task != NULL && is_stand_in(task) && !claim(select_of(task))) {
        task = waitq_pop(queue);
    }
    return task;
}

void select_drop_claimed(struct waitq *queue)
{
    struct task *next = NULL;
    for (struct task *task = queue->first; task != NULL; task = next) {
        next = task->next;
        /* relaxed: a claim that is not seen yet is as one that comes later */
        if (is_stand_in(task) && load_relaxed(&select_of(task)->claimed) != 0) {
            waitq_remove(queue, task);
        }
    }
}

struct proc *select_serve(struct proc *proc, struct task *stand_in, int result)
{
    struct select *select = select_of(stand_in);
    struct task *task = select->task;
    proc = lock_acquire(proc, &task->lock);
    select->result = result;
    select->served = stand_in;
    bool parked = task_stop_waiting(task);
    lock_release(proc); /* the select may be gone from here on, unless it is parked */
    if (parked) {
        task_wake(proc, task, 0);
    }
    return proc;
}

void select_serve_all(struct proc *proc, struct task *stand_ins, int result)
{
    lock_release(proc);
    while (stand_ins != NULL) {
        struct task *stand_in = stand_ins;
        stand_ins = stand_in->next;
        proc = select_serve(proc, stand_in, result);
    }
    proc_leave(proc);
}

/* --- step 1 ----------------------------------------------------------------------------------- */

/* One case. In the section of *proc: its result, MUST_WAIT or -ESRCH, with no lock held. */
static int try_case(struct proc **proc, const struct sy_case *one)
{
    if (one->chan.id == 0) {
        return MUST_WAIT;
    }
    struct chan *chan = chan_lock(proc, one->chan);
    if (chan == NULL) {
        return -ESRCH;
    }
    if (one->op == SY_SELECT_SEND && chan->closed) {
        proc_leave(*proc);
        sy_misuse(MISUSE_SEND_ON_CLOSED, handle_number(one->chan.id));
    }
    int result = one->op == SY_SELECT_SEND ? chan_send_now(proc, chan, one->element)
                                           : chan_recv_now(proc, chan, one->element);
    lock_release(*proc);
    return result;
}

/* The index of the case that was done, NOT_READY or -ESRCH. In the section. */
static int try_all(struct proc **proc, const struct choice *choice)
{
    uint32_t count = choice->count;
    cases_number(choice->order, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t index = cases_pick(choice->order, i, count, &(*proc)->random);
        int result = try_case(proc, &choice->cases[index]);
        if (result != MUST_WAIT) {
            choice->cases[index].result = result < 0 ? 0 : result;
            return result < 0 ? result : (int)index;
        }
    }
    return NOT_READY;
}

/* --- step 2 ----------------------------------------------------------------------------------- */

/* Somebody else in the queue who can still be served. */
static bool has_partner(const struct waitq *queue, const struct select *own)
{
    for (const struct task *task = queue->first; task != NULL; task = task->next) {
        struct select *select = is_stand_in(task) ? select_of(task) : NULL;
        /* relaxed: a claim that is not seen yet costs one more look */
        if (select == NULL || (select != own && load_relaxed(&select->claimed) == 0)) {
            return true;
        }
    }
    return false;
}

/* Under the channel's lock. */
static bool can_go_on(const struct chan *chan, enum sy_select_op op, const struct select *own)
{
    if (op == SY_SELECT_SEND) {
        return chan->closed || chan->count < chan->capacity || has_partner(&chan->receivers, own);
    }
    return chan->closed || chan->count > 0 || has_partner(&chan->senders, own);
}

/* Joins the queue of the case's channel. 0, -ESRCH, or -EAGAIN if the case can be done now. */
static int join_queue(const struct sy_case *one, struct task *stand_in, struct select *select)
{
    struct proc *proc = proc_enter_unpreempted();
    struct chan *chan = chan_lock(&proc, one->chan);
    int status = chan == NULL ? -ESRCH : 0;
    if (chan != NULL && can_go_on(chan, one->op, select)) {
        status = -EAGAIN;
    }
    if (status == 0) {
        stand_in->parked_at = STAND_IN;
        stand_in->object = select;
        stand_in->element = one->element;
        waitq_push(one->op == SY_SELECT_SEND ? &chan->senders : &chan->receivers, stand_in);
    }
    proc_leave(proc);
    return status;
}

/* --- steps 3 to 5 ----------------------------------------------------------------------------- */

/* 0 when it is served, else what task_park_until says. */
static int await_service(struct select *select, sy_time deadline)
{
    struct proc *proc = proc_enter_unpreempted();
    struct task *self = select->task;
    proc = lock_acquire(proc, &self->lock);
    if (select->served != NULL) {
        proc_leave(proc);
        return 0;
    }
    return task_park_until(proc, self, WAIT_SELECT, select, &self->lock, deadline);
}

/* Who claimed it is about to serve it: no deadline and no cancellation. */
static void await_claimer(struct select *select)
{
    struct member *member = cancel_mask(select->task);
    await_service(select, SY_FOREVER);
    cancel_unmask(select->task, member);
}

/* Step 5. */
static void leave_queue(const struct sy_case *one, struct task *stand_in)
{
    struct proc *proc = proc_enter_unpreempted();
    struct chan *chan = chan_at(one->chan);
    proc = lock_acquire(proc, &chan->lock); /* held before: not noted in its record */
    if (stand_in->waitq != NULL) {
        waitq_remove(stand_in->waitq, stand_in);
    }
    proc_leave(proc);
}

/* Steps 2 to 5 once. The index of a case that was done, a negative errno, or NOT_READY: start
 * over. */
static int wait_once(const struct choice *choice, struct task *stand_ins, sy_time deadline)
{
    struct select select = {.task = proc_self()->current};
    uint32_t used = cases_sort(choice->cases, choice->count, choice->order);
    uint32_t joined = 0;
    int status = 0;
    while (joined < used && status == 0) {
        const struct sy_case *one = &choice->cases[choice->order[joined]];
        status = join_queue(one, &stand_ins[joined], &select);
        joined += status == 0;
    }
    if (status == 0) {
        status = await_service(&select, deadline);
    }
    if (status != 0 && !claim(&select)) {
        await_claimer(&select);
        status = 0;
    }
    for (uint32_t i = 0; i < joined; i++) {
        if (&stand_ins[i] != select.served) { /* which has left its queue (6) */
            leave_queue(&choice->cases[choice->order[i]], &stand_ins[i]);
        }
    }
    if (status != 0) {
        return status == -EAGAIN ? NOT_READY : status;
    }
    int index = (int)choice->order[select.served - stand_ins];
    choice->cases[index].result = select.result;
    return index;
}

/* --- the calls -------------------------------------------------------------------------------- */

/* From step 2 on, again and again. */
static int wait_with(const struct choice *choice, struct task *stand_ins, sy_time deadline)
{
    int index = NOT_READY;
    while (index == NOT_READY) {
        index = wait_once(choice, stand_ins, deadline);
        if (index == NOT_READY) {
            struct proc *proc = proc_enter();
            index = try_all(&proc, choice);
            proc_leave(proc);
        }
    }
    return index;
}

static __attribute__((noinline)) int wait_few(const struct choice *choice, sy_time deadline)
{
    struct task stand_ins[FEW];
    return wait_with(choice, stand_ins, deadline);
}

static __attribute__((noinline)) int wait_many(const struct choice *choice, sy_time deadline)
{
    struct task *stand_ins =
        aligned_alloc(_Alignof(struct task), choice->count * sizeof *stand_ins);
    if (stand_ins == NULL) {
        return -ENOMEM;
    }
    int index = wait_with(choice, stand_ins, deadline);
    free(stand_ins);
    return index;
}

/* deadline NULL: does not wait. */
static int choose(struct proc *proc, const struct choice *choice, const sy_time *deadline)
{
    int index = try_all(&proc, choice);
    proc_leave(proc);
    if (likely(index != NOT_READY)) {
        return index;
    }
    if (deadline == NULL) {
        return -EAGAIN;
    }
    if (*deadline != SY_FOREVER && *deadline <= sy_now()) {
        return -ETIMEDOUT;
    }
    return choice->count <= FEW ? wait_few(choice, *deadline) : wait_many(choice, *deadline);
}

static __attribute__((noinline)) int choose_of_many(struct sy_case *cases, size_t count,
                                                    const sy_time *deadline)
{
    struct choice choice = {.cases = cases, .count = (uint32_t)count};
    choice.order = malloc(count * sizeof *choice.order);
    if (choice.order == NULL) {
        return -ENOMEM;
    }
    int index = choose(proc_enter(), &choice, deadline);
    free(choice.order);
    return index;
}

static inline int select_by(struct proc *proc, struct sy_case *cases, size_t count,
                            const sy_time *deadline)
{
    uint64_t order[ORDERED_FEW];
    int error = cases_check(cases, count);
    if (unlikely(error != 0 || count > ORDERED_FEW)) {
        proc_leave(proc);
        return error != 0 ? error : choose_of_many(cases, count, deadline);
    }
    struct choice choice = {.cases = cases, .order = order, .count = (uint32_t)count};
    return choose(proc, &choice, deadline);
}

int sy_select(struct sy_case *cases, size_t count)
{
    static const sy_time never = SY_FOREVER;
    return select_by(proc_enter(), cases, count, &never);
}

int sy_select_until(struct sy_case *cases, size_t count, sy_time deadline)
{
    return select_by(proc_enter(), cases, count, &deadline);
}

int sy_try_select(struct sy_case *cases, size_t count)
{
    return select_by(proc_enter(), cases, count, NULL);
}
