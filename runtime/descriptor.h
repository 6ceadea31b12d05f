/* descriptor.h - what the runtime knows of each open descriptor: its kind, its edges, who waits.
 *
 * One entry for each number, in reserved address space; only touched pages cost memory. A zeroed
 * entry is a valid one: unknown, nobody waits.
 *
 * EDGES. epoll reports changes, not states (edge-triggered). Each report counts one edge, for each
 * direction apart.
 *   task (a call in io.c)                          poller (descriptor_edge)
 *   1. seen = edges (acquire)                      a. under the lock: edges + 1, takes all waiters
 *   2. tries the call; done unless -EAGAIN            of the direction out of their queue
 *   3. under the lock: edges == seen? parks,       b. makes them ready; each starts over at 1
 *      else starts over at 1
 * No wake-up is lost: what made the descriptor ready after 2 makes an edge, and a comes before 3,
 * which then sees it, or after, and finds the waiter.
 * A descriptor is registered with epoll at its first wait, between 2 and 3; epoll reports at once
 * what is ready then.
 *
 * DRAINED. A read that got less than it asked for has emptied a TCP socket as of the edges that it
 * had seen: until there is another edge, the next one skips 2 (epoll(7), question 9).
 * So a round of a busy server is one read and one write. Not where a short read has other causes:
 *   after a hang-up or an error (HUNG)            urgent data, at which recv(2) stops (EPOLLPRI)
 *   other sockets: messages, passed descriptors   pipes: the writer alone knows whether it sends
 *                                                 packets (O_DIRECT is not in the reader's flags)
 * What cannot be told: a TCP socket that got another protocol on top later (TLS in the kernel),
 * urgent data that recv(MSG_OOB) took before it was reported, and a short read because the end of
 * the buffer is no memory. There the next read waits until more comes.
 *
 * NUMBERS ARE REUSED. The generation changes when the descriptor is closed or cancelled. A call
 * notes it first and gives up with -ECANCELED when it is another one, before each try and each
 * wait; epoll's reports carry it, and stale ones are dropped. Closing:
 *   1. under the lock: a new generation, of the kind CLOSING; out of epoll, as a duplicate would
 *      keep it in there; all waiters are cancelled
 *   2. close(2)
 *   3. under the lock: still that generation? the kind is unknown; those that came since 1 go on,
 *      and find a closed number, or one in use again
 * sy_accept and sy_listen give the number that they got a new generation: what close(2) left behind
 * goes. If close(2) was used and the number comes from elsewhere (pipe(2), socketpair(2)), the
 * registration is missing. It is looked at before each wait that follows one without an edge,
 * before the first wait after a hang-up, and after sy_connect. Else such a wait lasts until a
 * deadline or sy_io_cancel. What is taken for a pipe or device and blocks holds its worker.
 *
 * CALLS UNDER WAY. No call that began before reaches the next owner of the number:
 *   task (a call that does not block)             closing
 *   1. its proc's `calling` = the number          a. step 1 above: a new generation
 *   2. seq_cst fence                              b. seq_cst fence
 *   3. another generation? gives up               c. waits until no proc is calling the number
 *   4. the system call; calling = 0 (release)     d. step 2 above: close(2)
 * Either 3 sees a, or c sees 1 (Dekker). Such calls take microseconds, so the wait of c is short.
 * Blocking calls, on files and devices, are not counted: those keep the race that threads have.
 *
 * Model: tests/model/netpoll.pml. Sources: Go, runtime/netpoll.go; nginx, ngx_recv.c (short reads).
 */
#ifndef SWITCHYARD_DESCRIPTOR_H
#define SWITCHYARD_DESCRIPTOR_H

#include <stddef.h>

#include "proc.h"

enum direction { READING, WRITING, DIRECTIONS };

enum descriptor_kind {
    KIND_UNKNOWN,
    KIND_SOCKET, /* non-blocking */
    KIND_PIPE,   /* non-blocking */
    KIND_DEVICE, /* ttys and others that epoll takes: waits until ready, then a blocking call */
    KIND_FILE,   /* what epoll refuses: a blocking call; never kept, as files are often closed by
                  * close(2) */
    KIND_CLOSING /* between steps 1 and 3: calls wait for the end of it */
};

/* The state: kind, flags, generation. */
#define STATE_KIND 7u
#define STATE_REGISTERED 8u  /* epoll knows it */
#define STATE_DRAINS 16u     /* a short read means that nothing is left */
#define STATE_HUNG 32u       /* epoll reported a hang-up or an error, or a read found the end */
#define STATE_CHECKED 64u    /* HUNG, and the registration was looked at since */
#define STATE_WAITED_SHIFT 7 /* two bits: no edge of the direction since its last wait */
#define STATE_GENERATION_SHIFT 9

struct descriptor {
    /* Never biased: whoever polls may have no proc, and takes lock.held itself. */
    struct lock lock;

    /* Guarded by lock. */
    struct waitq waiters[DIRECTIONS];

    /* Written under lock, read by anyone. */
    _Atomic uint32_t edges[DIRECTIONS];
    _Atomic uint32_t state;

    /* Written and read by any reader. */
    _Atomic uint32_t drained; /* 1 + the edges as of which nothing was left to read; else another
                               * number, which only costs a try */
};

struct descriptors {
    struct descriptor *all; /* immutable while the runtime runs */
    uint32_t count;         /* the same */
};

extern struct descriptors descriptors;

/* What a call waits for. */
struct wait {
    int fd;
    enum direction direction;
    uint32_t generation; /* when the call began */
    uint32_t seen;       /* step 1 */
    bool skipped;        /* step 2 was */
    sy_time deadline;
};

/* The number was closed by close(2) and is in use again: start from the beginning. No errno. */
#define DESCRIPTOR_REUSED (-4095)

/* For public calls: ends the program, naming the function, in a thread that is no task. */
#define tasks_only()                                                                               \
    do {                                                                                           \
        if (unlikely(proc_self()->current == NULL)) {                                              \
            sy_fatal_outside_task(__func__);                                                       \
        }                                                                                          \
    } while (0)

/* 0 or -ENOMEM. */
int descriptors_init(void);
void descriptors_destroy(void);

/* NULL if the number is out of range. */
static inline struct descriptor *descriptor_at(int fd)
{
    return likely((uint32_t)fd < descriptors.count) ? &descriptors.all[fd] : NULL;
}

static inline enum descriptor_kind state_kind(uint32_t state)
{
    return (enum descriptor_kind)(state & STATE_KIND);
}

/* False while descriptor_open must be asked. */
static inline bool state_is_known(uint32_t state)
{
    return state_kind(state) != KIND_UNKNOWN && state_kind(state) != KIND_CLOSING;
}

static inline uint32_t state_generation(uint32_t state)
{
    return state >> STATE_GENERATION_SHIFT;
}

/* --- under the lock --- */

static inline uint32_t state_of(struct descriptor *entry)
{
    return load_relaxed(&entry->state); /* relaxed: written under the lock, which the caller has */
}

static inline void set_state(struct descriptor *entry, uint32_t state)
{
    /* release: pairs with the acquire of calls that begin; what they then read of the entry is
     * atomic itself, so this only keeps the order state, edges of descriptor_edge */
    store_release(&entry->state, state);
}

/* One more edge; returns who waited. */
struct task *descriptor_count_edge(struct descriptor *entry, enum direction direction);

/* --- without it --- */

/* Finds out the kind of a descriptor that is not known yet, and makes sockets and pipes
 * non-blocking. 0, or -EBADF, -ENOMEM. Does not switch, as all of these but descriptor_wait. */
int descriptor_open(int fd, uint32_t *state);

/* Its first half: kind and flags of the state, or -EBADF. A device may still be a file for epoll.
 */
int descriptor_probe(int fd);

/* Step 3: 0 try again, -ECANCELED, -ETIMEDOUT, -ENOMEM, or DESCRIPTOR_REUSED. Switches. */
int descriptor_wait(const struct wait *wait);

/* A number that a system call has just made, with its kind and flags. -EMFILE: out of range. */
int descriptor_adopt(int fd, uint32_t kind_and_flags);

/* The number may have been reused: its kind is looked at again, and its registration at the next
 * wait. */
void descriptor_doubt(int fd);

/* A read found the end. */
void descriptor_hung(int fd);

/* Wakes all waiters with -ECANCELED. 0, or -EBADF, also while it is being closed. */
int descriptor_cancel(int fd);

/* The same, and closes it. 0, or -EBADF as above, or the error of close(2). */
int descriptor_close(int fd);

/* Steps a and b: adds the tasks that it made READY to woken. With or without a proc. */
void descriptor_edge(int fd, uint32_t generation, uint32_t events, struct waitq *woken);

/* Of an entry, as the dump finds it in task->object. */
int descriptor_number(const void *object);

#endif
