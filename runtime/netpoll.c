/* netpoll.c - see netpoll.h.
 *
 * BREAKING. Several threads may wait, and a break must reach the one that it is meant for; so it
 * reaches all. An eventfd in the same epoll, level-triggered, wakes those in the kernel:
 *   breaker                                     poller with a deadline
 *   1. breaks + 1                               a. at the door (a lock): waiting + 1
 *   2. seq_cst fence                            b. seq_cst fence
 *   3. waiting > 0? writes the eventfd          c. breaks changed since this thread last left?
 *                                                  then to e
 *                                               d. epoll_pwait2
 *                                               e. at the door: waiting - 1; the last one out that
 *                                                  was woken by the eventfd empties it
 *                                               f. notes breaks
 * Either 3 sees a, or c sees 1 (Dekker). While it is not empty the eventfd wakes one after the
 * other (epoll wakes the next waiter as long as something is ready). A write for a poller that has
 * passed a comes after the emptying by the one before, because of the door. One that does not wait
 * leaves the event alone.
 *
 * WAITING TASKS are counted in the proc where the wait begins and in the one where it ends; the
 * task itself counts both, in the section. A task that was woken is counted until it runs. So when
 * all procs are idle the sums tell exactly who waits, those included that a poller without proc has
 * made ready and nobody has queued yet.
 */
#include "netpoll.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <switchyard/task.h>
#include <switchyard/time.h>

#include "base/fatal.h"
#include "descriptor.h"
#include "scheduler.h"
#include "sysmon.h"

#define EVENTS_MAX 128
#define EVENT_MASK (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET)
#define BREAK_DATA UINT64_MAX
#define TURN 64 /* calls that need not wait before others get their turn */
#define MILLISECONDS_MAX (24 * 3600 * 1000)

/* Of one proc; written by its owner in the section. */
struct counts {
    _Atomic uint64_t begun;
    _Atomic uint64_t ended;
    _Atomic uint32_t calling; /* 1 + the descriptor of the call that is under way, or 0 */
    uint32_t calls;           /* since a task last waited here */
} __attribute__((aligned(CACHE_LINE)));

static struct {
    int epoll; /* immutable while the runtime runs */
    int event;
    struct spin door;
    _Atomic uint32_t waiting; /* written at the door, read by anyone */
    _Atomic uint32_t breaks;
    _Atomic uint32_t no_pwait2; /* epoll_pwait2 is missing: set once */
    _Atomic uint64_t polls;
    _Atomic uint64_t events;
    _Atomic uint32_t procs; /* of which one has waited or has an index below one that has */
    struct counts counts[PROCS_MAX];
} netpoll = {.epoll = -1, .event = -1};

int netpoll_init(void)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = BREAK_DATA};
    int error = descriptors_init();
    if (error != 0) {
        return error;
    }
    for (uint32_t i = 0; i < PROCS_MAX; i++) {
        netpoll.counts[i] = (struct counts){0};
    }
    store_relaxed(&netpoll.procs, 0); /* relaxed, all three: no worker runs yet */
    store_relaxed(&netpoll.polls, 0);
    store_relaxed(&netpoll.events, 0);
    netpoll.epoll = epoll_create1(EPOLL_CLOEXEC);
    netpoll.event = netpoll.epoll < 0 ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (netpoll.event < 0 || epoll_ctl(netpoll.epoll, EPOLL_CTL_ADD, netpoll.event, &event) != 0) {
        error = -errno;
        netpoll_destroy();
    }
    return error;
}

void netpoll_destroy(void)
{
    int owned[] = {netpoll.event, netpoll.epoll};
    for (int i = 0; i < 2; i++) {
        if (owned[i] >= 0) {
            close(owned[i]);
        }
    }
    netpoll.epoll = -1;
    netpoll.event = -1;
    descriptors_destroy();
}

/* --- counting --------------------------------------------------------------------------------- */

/* The sums leave out the procs that never had a wait. */
static void note_proc(uint32_t index)
{
    uint32_t procs = load_relaxed(&netpoll.procs); /* relaxed: as begun and ended */
    /* acquire: it need not, as above */
    while (unlikely(procs <= index) && !cas_acquire(&netpoll.procs, &procs, index + 1)) {
    }
}

void netpoll_wait_begin(struct proc *proc)
{
    struct counts *counts = &netpoll.counts[proc->index];
    note_proc(proc->index);
    counter_add(&counts->begun, 1);
    proc_fence_light(); /* begun, then duties: pairs with the fence in leave_a_watch */
    if (unlikely(scheduler_has_duty(DUTY_WATCH))) {
        sysmon_want_watch(); /* somebody must poll while all others compute */
    }
    counts->calls = 0;
}

void netpoll_wait_end(struct proc *proc)
{
    note_proc(proc->index);
    counter_add(&netpoll.counts[proc->index].ended, 1);
}

void netpoll_call_begin(int fd)
{
    struct counts *counts = &netpoll.counts[proc_self()->index];
    store_relaxed(&counts->calling, (uint32_t)fd + 1); /* relaxed: the fence orders it */
    fence_seq_cst(); /* step 1: calling, then the generation; pairs with the one in await_calls */
}

void netpoll_call_end(void)
{
    /* release: the system call comes first; pairs with the acquire in await_calls */
    store_release(&netpoll.counts[proc_self()->index].calling, 0);
}

bool netpoll_is_calling(const struct proc *proc)
{
    return load_relaxed(&netpoll.counts[proc->index].calling) != 0; /* relaxed: this thread's own */
}

void netpoll_await_calls(int fd)
{
    fence_seq_cst(); /* step b: the generation, then calling; pairs with step 1 */
    for (uint32_t i = 0; i < scheduler_procs(); i++) {
        uint32_t rounds = 0;
        /* acquire: pairs with the release in netpoll_call_end */
        while (load_acquire(&netpoll.counts[i].calling) == (uint32_t)fd + 1) {
            spin_wait(&rounds);
        }
    }
}

bool netpoll_turn_over(void)
{
    struct counts *counts = &netpoll.counts[proc_self()->index];
    if (likely(++counts->calls < TURN)) {
        return false;
    }
    counts->calls = 0;
    return true;
}

void netpoll_give_turn(void)
{
    struct proc *proc = proc_enter();
    proc->choices = RUNQ_TICKS;
    proc->runq.ticks_left = 1;
    proc_leave(proc);
    sy_yield();
}

static uint64_t waits_begun(void)
{
    uint64_t sum = 0;
    /* relaxed: as begun */
    for (uint32_t i = 0; i < load_relaxed(&netpoll.procs); i++) {
        sum += load_relaxed(&netpoll.counts[i].begun); /* relaxed: see netpoll_waits */
    }
    return sum;
}

bool netpoll_waits(void)
{
    uint64_t ended = 0;
    /* relaxed, both: a hint; when all procs are idle, the scheduler's lock orders it, under which
     * each owner went idle */
    for (uint32_t i = 0; i < load_relaxed(&netpoll.procs); i++) {
        ended += load_relaxed(&netpoll.counts[i].ended);
    }
    return waits_begun() != ended;
}

void netpoll_stats(struct sy_stats *stats)
{
    stats->io_waits = waits_begun();
    stats->polls = load_relaxed(&netpoll.polls); /* relaxed, both: statistics */
    stats->poll_events = load_relaxed(&netpoll.events);
}

/* --- epoll ------------------------------------------------------------------------------------ */

__attribute__((noinline)) int netpoll_control(int operation, int fd, uint32_t generation)
{
    struct epoll_event event = {.events = EVENT_MASK,
                                .data.u64 = (uint64_t)generation << 32 | (uint32_t)fd};
    return epoll_ctl(netpoll.epoll, operation, fd, &event) == 0 ? 0 : -errno;
}

__attribute__((noinline)) void netpoll_break(void)
{
    uint64_t one = 1;
    int saved = errno; /* perhaps of code that a signal has interrupted */
    /* acq_rel: pairs with the acquire in leave_wait: step f, then the poller's caller */
    fetch_add_acq_rel(&netpoll.breaks, 1);
    fence_seq_cst(); /* step 2: pairs with b */
    /* relaxed: ordered by the fence */
    if (load_relaxed(&netpoll.waiting) > 0) {
        (void)!write(netpoll.event, &one, sizeof one); /* fails only if it is full of them */
    }
    errno = saved;
}

/* Of this thread: as of when it last left. A break before that was for an earlier wait. */
static __thread uint32_t breaks_seen;

/* Steps a to c. False if there was a break. */
static bool enter_wait(void)
{
    spin_lock(&netpoll.door);
    fetch_add_relaxed(&netpoll.waiting, 1); /* relaxed: the fence orders it */
    spin_unlock(&netpoll.door);
    fence_seq_cst(); /* step b: pairs with 2 */
    /* relaxed: ordered by the fence */
    return load_relaxed(&netpoll.breaks) == breaks_seen;
}

/* Steps e and f. */
static void leave_wait(bool broken)
{
    uint64_t count = 0;
    spin_lock(&netpoll.door);
    /* release: no partner; the door orders it */
    bool last = fetch_sub_release(&netpoll.waiting, 1) == 1;
    if (last && broken) {
        (void)!read(netpoll.event, &count, sizeof count); /* does not block */
    }
    spin_unlock(&netpoll.door);
    /* acquire: pairs with netpoll_break; what was stored before it is seen after we return */
    breaks_seen = load_acquire(&netpoll.breaks);
}

/* In milliseconds, rounded up: it must not spin over the last part of one. */
static int timeout_ms(sy_time timeout)
{
    if (timeout < 0) {
        return -1;
    }
    sy_time ms = (timeout + SY_MILLISECOND - 1) / SY_MILLISECOND;
    return ms < MILLISECONDS_MAX ? (int)ms : MILLISECONDS_MAX;
}

/* timeout < 0: none. Returns the number of events or a negative errno. */
static int wait_once(struct epoll_event *events, sy_time timeout)
{
    struct timespec limit = {timeout / SY_SECOND, timeout % SY_SECOND};
    /* relaxed: whoever misses it finds out itself */
    if (load_relaxed(&netpoll.no_pwait2) == 0) {
        int count =
            epoll_pwait2(netpoll.epoll, events, EVENTS_MAX, timeout < 0 ? NULL : &limit, NULL);
        if (count >= 0 || (errno != ENOSYS && errno != EPERM)) {
            return count >= 0 ? count : -errno;
        }
        store_relaxed(&netpoll.no_pwait2, 1); /* relaxed: as above */
    }
    int count = epoll_wait(netpoll.epoll, events, EVENTS_MAX, timeout_ms(timeout));
    return count >= 0 ? count : -errno;
}

static __attribute__((noinline)) int wait_for_events(struct epoll_event *events, sy_time deadline)
{
    sy_time timeout = 0;
    if (deadline != 0) {
        timeout = deadline == SY_FOREVER ? -1 : deadline - sy_now();
        timeout = timeout < 0 && deadline != SY_FOREVER ? 0 : timeout;
    }
    int count = wait_once(events, timeout);
    if (count == -EBADF || count == -EINVAL) {
        sy_fatal("the runtime's epoll descriptor was closed by the program");
    }
    fetch_add_relaxed(&netpoll.polls, 1); /* relaxed, both: statistics */
    fetch_add_relaxed(&netpoll.events, count > 0 ? (uint64_t)count : 0);
    return count;
}

/* Asks once. True if the eventfd was among the events. */
static bool poll_once(sy_time deadline, struct waitq *woken)
{
    struct epoll_event events[EVENTS_MAX];
    bool broken = false;
    int count = wait_for_events(events, deadline);
    for (int i = 0; i < count; i++) {
        uint64_t data = events[i].data.u64;
        if (data == BREAK_DATA) {
            broken = true;
        } else {
            descriptor_edge((int)(uint32_t)data, (uint32_t)(data >> 32), events[i].events, woken);
        }
    }
    return broken;
}

struct task *netpoll_poll(sy_time deadline)
{
    struct waitq woken = {0};
    if (deadline != 0) {
        bool broken = enter_wait() && poll_once(deadline, &woken);
        leave_wait(broken);
    } else if (netpoll_waits()) { /* else the events stay in the kernel */
        poll_once(0, &woken);
    }
    return woken.first;
}
