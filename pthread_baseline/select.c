/* select.c - select over channels, with the lock of one channel at a time.
 *
 *   select                                       whoever can pass an element (chan_pass.h)
 *   1. in random order, under each channel's     a. under the channel's lock: takes a stand-in out
 *      lock: can the case be done? done             of the line
 *   2. in the order of the channels' slots,      b. claims its select (compare-and-swap, 0 to 1);
 *      under the lock: it could be done now?        claimed already: drops it, to a
 *      to 5 and start over; else a stand-in      c. passes the element, from or to where the
 *      joins its line                               stand-in says; releases the channel's lock
 *   3. sleeps on the task's semaphore            d. posts that semaphore (park.c)
 *   4. woken by the deadline or a cancellation:
 *      claims itself; cannot? to 3, without a deadline
 *   5. (from 2: claims itself first; cannot? to 3) takes its stand-ins out of all lines, under each
 *      channel's lock
 *
 * The argument is that of runtime/select.c, but for two steps: a post that comes before the sleep
 * stays in the semaphore; and a channel that was freed meanwhile has no stand-in in its lines, as
 * that drops those that were claimed, and is not done with others; so step 5 passes over it.
 *
 * Rejected: all channels' locks at once, as Go has it: a select of 10,000 cases would hold as many
 * mutexes.
 */
#include "select.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include <switchyard/time.h>

#include "base/cases.h"
#include "base/fatal.h"
#include "base/misuse.h"
#include "cancel.h"
#include "chan_pass.h"
#include "deadline.h"
#include "task.h"

#define FEW 16            /* cases without malloc */
#define NOT_READY (-1024) /* no errno: no case can be done */

/* What a call is about. */
struct choice {
    struct sy_case *cases;
    uint64_t *order;          /* room for count: case numbers, or keys to sort by */
    struct waiter *stand_ins; /* room for count */
    uint32_t count;
    struct task *task;
};

static bool claim(struct select *select)
{
    uint32_t open = 0;
    // acq_rel: the claimer reads what the select's task wrote, and that one, if it cannot claim
    // itself, waits for d; pairs with itself
    return cas_acq_rel(&select->claimed, &open, 1);
}

bool select_claim(struct select *select, const struct waiter *stand_in)
{
    if (!claim(select)) {
        return false;
    }
    select->served = stand_in;
    return true;
}

void select_drop_claimed(struct line *line)
{
    struct waiter *next = NULL;
    for (struct waiter *waiter = line->first; waiter != NULL; waiter = next) {
        next = waiter->next;
        // relaxed: a claim that is not seen yet is as one that comes later
        if (waiter->select != NULL && load_relaxed(&waiter->select->claimed) != 0) {
            line_leave(line, waiter);
            waiter->outcome = SERVED; /* out of the line: another case of its select was done */
        }
    }
}

/* --- Step 1 ---------------------------------------------------------------------------------- */

static _Noreturn void send_on_closed(const struct sy_case *one)
{
    sy_misuse(MISUSE_SEND_ON_CLOSED, handle_number(one->chan.id));
}

/* One case: its result, -EAGAIN or -ESRCH. */
static int try_case(const struct sy_case *one)
{
    struct waiter *woken = NULL;
    if (one->chan.id == 0) {
        return -EAGAIN;
    }
    struct chan *chan = chan_lock(one->chan);
    if (chan == NULL) {
        return -ESRCH;
    }
    bool sends = one->op == SY_SELECT_SEND;
    if (sends && chan->closed) {
        slots_unlock(chan);
        send_on_closed(one);
    }
    int result = sends ? chan_send_now(chan, one->element, &woken)
                       : chan_recv_now(chan, one->element, &woken);
    slots_unlock(chan);
    ready(woken);
    return result;
}

/* The index of the case that was done, NOT_READY or -ESRCH.  */
static int try_all(const struct choice *choice)
{
    uint32_t count = choice->count;
    cases_number(choice->order, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t index = cases_pick(choice->order, i, count, &choice->task->random);
        int result = try_case(&choice->cases[index]);
        if (result != -EAGAIN) {
            choice->cases[index].result = result < 0 ? 0 : result;
            return result < 0 ? result : (int)index;
        }
    }
    return NOT_READY;
}

/* --- Step 2 ---------------------------------------------------------------------------------- */

/* Somebody else in the line who can still be served. */
static bool has_partner(const struct line *line, const struct select *own)
{
    for (const struct waiter *waiter = line->first; waiter != NULL; waiter = waiter->next) {
        struct select *select = waiter->select;
        // relaxed: a claim that is not seen yet costs one more look
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

static struct line *line_of(struct chan *chan, enum sy_select_op op)
{
    return op == SY_SELECT_SEND ? &chan->senders : &chan->receivers;
}

/* Joins the line of the case's channel. 0, -ESRCH, or -EAGAIN if the case can be done now. */
static int join_line(const struct sy_case *one, struct waiter *stand_in)
{
    struct chan *chan = chan_lock(one->chan);
    if (chan == NULL) {
        return -ESRCH;
    }
    bool waits = !can_go_on(chan, one->op, stand_in->select);
    if (waits) {
        line_join(line_of(chan, one->op), stand_in);
    }
    slots_unlock(chan);
    return waits ? 0 : -EAGAIN;
}

/* --- Steps 3 to 5 ---------------------------------------------------------------------------- */

static void leave_line(const struct sy_case *one, struct waiter *stand_in)
{
    struct chan *chan = chan_lock(one->chan);
    if (chan != NULL) {
        line_leave(line_of(chan, one->op), stand_in);
        slots_unlock(chan);
    }
}

/* What the case answers whose stand-in was served. */
static int finish(const struct choice *choice, const struct waiter *served)
{
    int index = (int)choice->order[served - choice->stand_ins];
    struct sy_case *one = &choice->cases[index];
    bool closed = served->outcome == CLOSED;
    if (closed && one->op == SY_SELECT_SEND) {
        send_on_closed(one);
    }
    one->result = one->op == SY_SELECT_RECV && !closed;
    return index;
}

static void prepare(const struct choice *choice, struct waiter *stand_in, struct select *select,
                    const struct sy_case *one)
{
    *stand_in = (struct waiter){.task = choice->task, .select = select, .wait = WAIT_SELECT};
    stand_in->element.into = one->element;
}

/* Joins lines until all are joined or one case need not wait. How many were joined. */
static uint32_t join_all(const struct choice *choice, struct select *select, int *status)
{
    uint32_t used = cases_sort(choice->cases, choice->count, choice->order);
    uint32_t joined = 0;
    *status = 0;
    while (joined < used && *status == 0) {
        const struct sy_case *one = &choice->cases[choice->order[joined]];
        prepare(choice, &choice->stand_ins[joined], select, one);
        *status = join_line(one, &choice->stand_ins[joined]);
        joined += *status == 0;
    }
    return joined;
}

/* Steps 2 to 5 once. The index of a case that was done, a negative errno, or NOT_READY: start
 * over. */
static int wait_once(const struct choice *choice, sy_time deadline)
{
    struct select select = {0};
    struct task *task = choice->task;
    int status = 0;
    uint32_t joined = join_all(choice, &select, &status);
    task_waits(task, WAIT_SELECT);
    if (status == 0) {
        status = cancel_sem_wait(task, &task->wake, deadline);
    }
    if (status != 0 && !claim(&select)) {
        sem_wait_by(&task->wake, SY_FOREVER);
        status = 0;
    }
    task_runs(task);
    for (uint32_t i = 0; i < joined; i++) {
        leave_line(&choice->cases[choice->order[i]], &choice->stand_ins[i]);
    }
    if (status == 0) {
        assert(select.served != NULL);
        return finish(choice, select.served);
    }
    return status == -EAGAIN ? NOT_READY : status;
}

/* --- The calls ------------------------------------------------------------------------------- */

/* deadline NULL: does not wait. */
static int choose(const struct choice *choice, const sy_time *deadline)
{
    int index = try_all(choice);
    if (index == NOT_READY && deadline == NULL) {
        return -EAGAIN;
    }
    if (index == NOT_READY && *deadline <= sy_now()) {
        return -ETIMEDOUT;
    }
    while (index == NOT_READY) {
        index = wait_once(choice, *deadline);
        if (index == NOT_READY) {
            index = try_all(choice);
        }
    }
    return index;
}

static int choose_of_many(struct choice *choice, const sy_time *deadline)
{
    int index = -ENOMEM;
    choice->order = malloc(choice->count * sizeof *choice->order);
    choice->stand_ins = malloc(choice->count * sizeof *choice->stand_ins);
    if (choice->order != NULL && choice->stand_ins != NULL) {
        index = choose(choice, deadline);
    }
    free(choice->order);
    free(choice->stand_ins);
    return index;
}

static int select_by(struct task *task, struct sy_case *cases, size_t count,
                     const sy_time *deadline)
{
    uint64_t order[FEW];
    struct waiter stand_ins[FEW];
    int status = cases_check(cases, count);
    if (status != 0) {
        return status;
    }
    struct choice choice = {.cases = cases,
                            .order = order,
                            .stand_ins = stand_ins,
                            .count = (uint32_t)count,
                            .task = task};
    return count <= FEW ? choose(&choice, deadline) : choose_of_many(&choice, deadline);
}

int sy_select(struct sy_case *cases, size_t count)
{
    static const sy_time never = SY_FOREVER;
    return select_by(task_require("sy_select"), cases, count, &never);
}

int sy_select_until(struct sy_case *cases, size_t count, sy_time deadline)
{
    return select_by(task_require("sy_select_until"), cases, count, &deadline);
}

int sy_try_select(struct sy_case *cases, size_t count)
{
    return select_by(task_require("sy_try_select"), cases, count, NULL);
}
