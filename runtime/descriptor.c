/* descriptor.c - see descriptor.h. System calls that set errno stand in functions of their own,
 * which do not switch: its address must not be kept over a switch. */
#include "descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <switchyard/time.h>

#include "netpoll.h"
#include "park.h"
#include "preempt.h"

#define COUNT_MAX ((uint32_t)1 << 20) /* fs.nr_open's default: 64 MiB of address space */
#define COUNT_MIN ((uint32_t)1 << 10)
#define PARK 1 /* beside the results of a wait */

_Static_assert(sizeof(struct descriptor) == CACHE_LINE, "one line an entry");

struct descriptors descriptors;

int descriptors_init(void)
{
    struct rlimit limit = {0};
    uint32_t count = COUNT_MAX;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max < COUNT_MAX) {
        count = limit.rlim_max > COUNT_MIN ? (uint32_t)limit.rlim_max : COUNT_MIN;
    }
    for (; count >= COUNT_MIN; count /= 2) {
        void *all = mmap(NULL, count * sizeof *descriptors.all, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (all != MAP_FAILED) {
            descriptors = (struct descriptors){.all = all, .count = count};
            return 0;
        }
    }
    return -ENOMEM;
}

void descriptors_destroy(void)
{
    munmap(descriptors.all, descriptors.count * sizeof *descriptors.all);
    descriptors = (struct descriptors){0};
}

int descriptor_number(const void *object)
{
    return (int)((const struct descriptor *)object - descriptors.all);
}

/* --- system calls ----------------------------------------------------------------------------- */

static __attribute__((noinline)) bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static __attribute__((noinline)) int close_now(int fd)
{
    /* Interrupted: closed all the same, on Linux. */
    return close(fd) == 0 || errno == EINTR ? 0 : -errno;
}

/* --- under the lock --------------------------------------------------------------------------- */

struct task *descriptor_count_edge(struct descriptor *entry, enum direction direction)
{
    uint32_t edges = load_relaxed(&entry->edges[direction]); /* relaxed: the lock is held */
    /* release: pairs with step 1; whoever sees the edge sees the state that was set before */
    store_release(&entry->edges[direction], edges + 1);
    return waitq_pop_all(&entry->waiters[direction]);
}

struct woken {
    struct task *first[DIRECTIONS];
};

static struct woken count_both_edges(struct descriptor *entry)
{
    struct woken woken;
    woken.first[READING] = descriptor_count_edge(entry, READING);
    woken.first[WRITING] = descriptor_count_edge(entry, WRITING);
    return woken;
}

/* A new generation. */
static struct woken renew(struct descriptor *entry, uint32_t kind_and_flags)
{
    uint32_t generation = state_generation(state_of(entry)) + 1;
    set_state(entry, generation << STATE_GENERATION_SHIFT | kind_and_flags);
    return count_both_edges(entry);
}

/* Releases the lock and wakes. In the section. */
static void wake(struct proc *proc, struct woken woken, int result)
{
    lock_release(proc);
    task_wake_all(proc, woken.first[READING], result);
    task_wake_all(proc, woken.first[WRITING], result);
}

/* Puts it into epoll, or there its generation: 0 or a negative errno. A registration that exists
 * unexpectedly is one of a duplicate, or was left when the number was doubted. */
static int attach(struct descriptor *entry, int fd)
{
    uint32_t state = state_of(entry);
    int error = netpoll_control(EPOLL_CTL_ADD, fd, state_generation(state));
    if (error == -EEXIST) {
        error = netpoll_control(EPOLL_CTL_MOD, fd, state_generation(state));
    }
    if (error == 0) {
        set_state(entry, state | STATE_REGISTERED);
    }
    return error == -ENOSPC ? -ENOMEM : error;
}

/* True if the registration may be gone: see NUMBERS ARE REUSED. */
static bool is_doubtful(uint32_t state, enum direction direction)
{
    return (state & (1u << STATE_WAITED_SHIFT << direction)) != 0 ||
           ((state & STATE_HUNG) != 0 && (state & STATE_CHECKED) == 0);
}

/* Before a wait: 0, DESCRIPTOR_REUSED or a negative errno. Asking epoll to modify what it has makes
 * it report again what is ready, so nothing is lost. */
static int ensure_registered(struct descriptor *entry, const struct wait *wait)
{
    uint32_t state = state_of(entry);
    if ((state & STATE_REGISTERED) == 0) {
        return attach(entry, wait->fd);
    }
    if (is_doubtful(state, wait->direction)) {
        int error = netpoll_control(EPOLL_CTL_MOD, wait->fd, state_generation(state));
        set_state(entry, state | ((state & STATE_HUNG) != 0 ? STATE_CHECKED : 0));
        return error == -ENOENT || error == -EBADF ? DESCRIPTOR_REUSED : error;
    }
    return 0;
}

/* PARK, or how the wait ends without parking. */
static int prepare(struct descriptor *entry, const struct wait *wait)
{
    uint32_t state = state_of(entry);
    if (state_generation(state) != wait->generation) {
        return -ECANCELED;
    }
    /* relaxed: the lock is held */
    if (load_relaxed(&entry->edges[wait->direction]) != wait->seen ||
        (wait->skipped && (state & STATE_HUNG) != 0)) {
        return 0;
    }
    if (wait->deadline != SY_FOREVER && wait->deadline <= sy_now()) {
        return -ETIMEDOUT;
    }
    int error = ensure_registered(entry, wait);
    if (error != 0) {
        return error;
    }
    set_state(entry, state_of(entry) | 1u << STATE_WAITED_SHIFT << wait->direction);
    return PARK;
}

/* --- for calls -------------------------------------------------------------------------------- */

int descriptor_wait(const struct wait *wait)
{
    struct descriptor *entry = &descriptors.all[wait->fd];
    struct proc *proc = proc_enter();
    proc = lock_acquire(proc, &entry->lock);
    int result = prepare(entry, wait);
    if (result == DESCRIPTOR_REUSED) {
        wake(proc, renew(entry, KIND_UNKNOWN), -ECANCELED);
    }
    if (result != PARK) {
        proc_leave(proc);
        return result;
    }
    struct task *self = proc->current;
    waitq_push(&entry->waiters[wait->direction], self);
    netpoll_wait_begin(proc);
    result = task_park_until(proc, self, wait->direction == READING ? WAIT_READ : WAIT_WRITE, entry,
                             &entry->lock, wait->deadline);
    proc = proc_enter();
    netpoll_wait_end(proc);
    proc_leave(proc);
    return result;
}

/* What descriptor_probe found, unless the number was renewed since. Returns the error of a device
 * that epoll cannot take. */
static int settle(struct descriptor *entry, int fd, uint32_t before, int found)
{
    uint32_t state = state_of(entry);
    if (state_generation(state) != state_generation(before) || state_kind(state) != KIND_UNKNOWN) {
        return 0;
    }
    if (found == KIND_DEVICE) {
        int error = attach(entry, fd);
        if (error != 0) {
            return error;
        }
    }
    set_state(entry, state_of(entry) | (uint32_t)found);
    return 0;
}

/* The state, once it is not CLOSING. */
static uint32_t await_closed(struct descriptor *entry)
{
    uint32_t rounds = 0;
    for (;;) {
        /* acquire: pairs with set_state; before the system calls of descriptor_probe */
        uint32_t state = load_acquire(&entry->state);
        if (state_kind(state) != KIND_CLOSING) {
            return state;
        }
        spin_wait(&rounds);
    }
}

/* As descriptor_probe; -ECANCELED if the number has been closed since. */
static int probe(struct descriptor *entry, int fd, uint32_t before)
{
    int found = -ECANCELED;
    netpoll_call_begin(fd);
    /* acquire: as in await_closed */
    if (state_generation(load_acquire(&entry->state)) == state_generation(before)) {
        found = descriptor_probe(fd);
    }
    netpoll_call_end();
    return found;
}

int descriptor_open(int fd, uint32_t *state)
{
    struct descriptor *entry = &descriptors.all[fd];
    do {
        uint32_t before = await_closed(entry);
        int found = probe(entry, fd, before);
        *state = KIND_UNKNOWN;
        if (found == -ECANCELED) {
            continue;
        }
        if (found < 0) {
            return found;
        }
        int error = found == KIND_FILE ? -EPERM : 0;
        if (error == 0) {
            struct proc *proc = proc_enter();
            proc = lock_acquire(proc, &entry->lock);
            error = settle(entry, fd, before, found);
            *state = state_of(entry);
            proc_leave(proc);
        }
        if (error == -EPERM) {
            *state = (before & ~STATE_KIND) | KIND_FILE;
            return 0;
        }
        if (error != 0) {
            return error;
        }
    } while (!state_is_known(*state)); /* renewed meanwhile */
    return 0;
}

int descriptor_adopt(int fd, uint32_t kind_and_flags)
{
    struct descriptor *entry = descriptor_at(fd);
    if (entry == NULL) {
        close_now(fd);
        return -EMFILE;
    }
    struct proc *proc = proc_enter();
    proc = lock_acquire(proc, &entry->lock);
    wake(proc, renew(entry, kind_and_flags), -ECANCELED);
    proc_leave(proc);
    return fd;
}

void descriptor_doubt(int fd)
{
    struct descriptor *entry = &descriptors.all[fd];
    struct proc *proc = proc_enter();
    proc = lock_acquire(proc, &entry->lock);
    uint32_t state = state_of(entry);
    if (state_kind(state) != KIND_CLOSING) {
        set_state(entry, state >> STATE_GENERATION_SHIFT << STATE_GENERATION_SHIFT);
    }
    proc_leave(proc);
}

void descriptor_hung(int fd)
{
    struct descriptor *entry = &descriptors.all[fd];
    struct proc *proc = proc_enter();
    proc = lock_acquire(proc, &entry->lock);
    set_state(entry, state_of(entry) | STATE_HUNG);
    proc_leave(proc);
}

int descriptor_cancel(int fd)
{
    struct descriptor *entry = descriptor_at(fd);
    if (entry == NULL) {
        return -EBADF;
    }
    bool open = is_open(fd);
    struct proc *proc = proc_enter();
    proc = lock_acquire(proc, &entry->lock);
    uint32_t state = state_of(entry);
    if (state_kind(state) == KIND_CLOSING) {
        proc_leave(proc);
        return -EBADF;
    }
    uint32_t kept = open ? state & (STATE_KIND | STATE_REGISTERED | STATE_DRAINS | STATE_HUNG) : 0;
    struct woken woken = renew(entry, kept);
    state = state_of(entry);
    if ((kept & STATE_REGISTERED) != 0 &&
        netpoll_control(EPOLL_CTL_MOD, fd, state_generation(state)) != 0) {
        set_state(entry, state & ~STATE_REGISTERED); /* the next wait finds out why */
    }
    wake(proc, woken, -ECANCELED);
    proc_leave(proc);
    return open ? 0 : -EBADF;
}

/* Step 1 of closing. Stores the new generation; false if somebody else is closing it. */
static bool detach(struct descriptor *entry, int fd, uint32_t *generation)
{
    struct proc *proc = proc_enter();
    proc = lock_acquire(proc, &entry->lock);
    if (state_kind(state_of(entry)) == KIND_CLOSING) {
        proc_leave(proc);
        return false;
    }
    if ((state_of(entry) & STATE_REGISTERED) != 0) {
        netpoll_control(EPOLL_CTL_DEL, fd, 0); /* -ENOENT, -EBADF: close(2) was used */
    }
    struct woken woken = renew(entry, KIND_CLOSING);
    *generation = state_generation(state_of(entry));
    wake(proc, woken, -ECANCELED);
    proc_leave(proc);
    return true;
}

int descriptor_close(int fd)
{
    struct descriptor *entry = descriptor_at(fd);
    if (entry == NULL) {
        return -EBADF;
    }
    uint32_t generation = 0;
    struct task *self = preempt_forbid(__func__); /* others wait until it is closed */
    if (!detach(entry, fd, &generation)) {
        preempt_allow(self);
        return -EBADF;
    }
    netpoll_await_calls(fd);
    int error = close_now(fd);
    struct proc *proc = proc_enter();
    proc = lock_acquire(proc, &entry->lock);
    if (state_generation(state_of(entry)) == generation) {
        set_state(entry, generation << STATE_GENERATION_SHIFT); /* step 3 */
    }
    proc_leave(proc);
    preempt_allow(self);
    return error;
}
