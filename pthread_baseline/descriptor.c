/* descriptor.c - see descriptor.h.
 *
 * A thread that waits does so in a blocking system call on the descriptor, as it would without this
 * library. So cancelling has to get it out of there, and closing has to be sure that nobody is
 * about to make a call with the number: after close(2) that may be another descriptor. Protocol:
 *  1. A thread puts its struct caller into the record's list, under the record's lock, before its
 *     first system call on the descriptor, and takes it out, under the lock, after the last one.
 *  2. Before each system call that may wait it looks at its mark `cancelled`; if it is set, and
 *     whenever the call answers EINTR and it is set, the operation ends with -ECANCELED.
 *  3. Who cancels sets the mark of all who are in the list, under the lock, and sends a signal to
 *     their threads. Its handler does nothing, but the system call ends with EINTR. A signal that
 *     arrives between the look in 2 and the system call is lost: so it is sent again, after 50 us,
 *     100 us and so on, until all who were marked have left.
 *  4. Close sets `closing`, then does 3, and calls close(2) when all have left. Whoever comes while
 *     `closing` is set gets -EBADF. It is cleared after close(2) under the same hold of the lock:
 *     who comes with the same number afterwards means a new descriptor, or has a stale number,
 *     which close(2) of any program could not tell apart either.
 *  5. A marked thread makes one more system call after it has left. All signals were sent while it
 *     was in the list; so they are delivered at the end of that call, and none of them interrupts
 *     what the program calls later.
 * So a wake-up never concerns a later descriptor with the same number: the mark belongs to the
 * operation, not to the number.
 *
 * The signal is SIGURG, which is ignored by default and hardly used. The handler is installed at
 * the first cancellation of a run that meets a waiting thread, and what was there before is put
 * back at the end.
 *
 * Rejected: a descriptor of eventfd(2) per thread and poll before each read: two system calls
 * instead of one for what is nearly never used. shutdown(2) as the waker: only for sockets, only
 * for close, and seen by the peer. pthread_cancel: its cleanup cannot return to the caller.
 */
#include "descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <switchyard/time.h>

#include "deadline.h"

#define INTERRUPT SIGURG
#define FIRST_PAUSE (50 * SY_MICROSECOND)
#define LONGEST_PAUSE (10 * SY_MILLISECOND)

/* Chunk c holds FIRST_CHUNK << c records: the last one ends beyond INT_MAX. */
#define FIRST_CHUNK 256u
#define CHUNKS 24

static struct {
    pthread_mutex_t lock;
    /* lock: */
    bool handles; /* the handler is installed */
    struct sigaction before;
    /* written under the lock, each once; read by anyone: */
    _Atomic(struct descriptor *) chunks[CHUNKS];
} table = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* --- Records --------------------------------------------------------------------------------- */

/* Under the table's lock. Zero bytes are a record without callers (glibc's initialisers are zero,
 * tested), and only pages that are touched cost memory. */
static struct descriptor *make_chunk(unsigned chunk)
{
    // relaxed: written under the lock only
    struct descriptor *records = load_relaxed(&table.chunks[chunk]);
    if (records != NULL) {
        return records;
    }
    size_t bytes = ((size_t)FIRST_CHUNK << chunk) * sizeof *records;
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        return NULL;
    }
    // release: pairs with the acquire in find_record; the zeroes are there
    store_release(&table.chunks[chunk], memory);
    return memory;
}

/* The record of a number, or NULL if there is none yet; fd >= 0. */
static struct descriptor *find_record(int fd, unsigned *chunk)
{
    uint32_t shifted = (uint32_t)fd + FIRST_CHUNK;
    *chunk = 31u - (unsigned)__builtin_clz(shifted / FIRST_CHUNK);
    // acquire: pairs with the release in make_chunk
    struct descriptor *records = load_acquire(&table.chunks[*chunk]);
    return records == NULL ? NULL : records + (shifted - (FIRST_CHUNK << *chunk));
}

/* Numbers that are not open get no memory: a wild one would cost much. */
static int find_or_make_record(int fd, struct descriptor **record)
{
    unsigned chunk = 0;
    if (fd < 0) {
        return -EBADF;
    }
    *record = find_record(fd, &chunk);
    if (likely(*record != NULL)) {
        return 0;
    }
    if (fcntl(fd, F_GETFD) < 0) {
        return -EBADF;
    }
    pthread_mutex_lock(&table.lock);
    bool made = make_chunk(chunk) != NULL;
    pthread_mutex_unlock(&table.lock);
    *record = find_record(fd, &chunk);
    return made ? 0 : -ENOMEM;
}

/* --- Callers --------------------------------------------------------------------------------- */

static void link_caller(struct descriptor *descriptor, struct caller *caller)
{
    caller->previous = NULL;
    caller->next = descriptor->callers;
    if (caller->next != NULL) {
        caller->next->previous = caller;
    }
    descriptor->callers = caller;
}

static void unlink_caller(struct descriptor *descriptor, struct caller *caller)
{
    if (caller->previous != NULL) {
        caller->previous->next = caller->next;
    } else {
        descriptor->callers = caller->next;
    }
    if (caller->next != NULL) {
        caller->next->previous = caller->previous;
    }
}

int descriptor_enter(int fd, struct caller *caller, struct descriptor **entered)
{
    int status = find_or_make_record(fd, entered);
    if (status != 0) {
        return status;
    }
    caller->thread = pthread_self();
    // relaxed: nobody else knows the caller yet
    store_relaxed(&caller->cancelled, false);
    pthread_mutex_lock(&(*entered)->lock);
    bool closing = (*entered)->closing;
    if (!closing) {
        link_caller(*entered, caller);
    }
    pthread_mutex_unlock(&(*entered)->lock);
    return closing ? -EBADF : 0;
}

void descriptor_leave(struct descriptor *descriptor, struct caller *caller)
{
    pthread_mutex_lock(&descriptor->lock);
    unlink_caller(descriptor, caller);
    // relaxed: written under the lock only
    bool cancelled = load_relaxed(&caller->cancelled);
    if (unlikely(cancelled) && --descriptor->cancelled_callers == 0) {
        pthread_cond_broadcast(&descriptor->left);
    }
    pthread_mutex_unlock(&descriptor->lock);
    if (unlikely(cancelled)) {
        sched_yield(); /* a system call, for the signals (5) */
    }
}

/* --- Interrupting ---------------------------------------------------------------------------- */

static void do_nothing(int signal)
{
    (void)signal;
}

/* Without SA_RESTART, so that system calls end with EINTR. */
static void install_handler(void)
{
    pthread_mutex_lock(&table.lock);
    if (!table.handles) {
        struct sigaction action = {.sa_handler = do_nothing};
        sigaction(INTERRUPT, &action, &table.before);
        table.handles = true;
    }
    pthread_mutex_unlock(&table.lock);
}

void descriptor_thread_begins(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, INTERRUPT);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

void descriptor_end_run(void)
{
    pthread_mutex_lock(&table.lock);
    if (table.handles) {
        sigaction(INTERRUPT, &table.before, NULL);
        table.handles = false;
    }
    pthread_mutex_unlock(&table.lock);
}

/* Under the record's lock: marks all who are in the list. */
static void mark_callers(struct descriptor *descriptor)
{
    for (struct caller *caller = descriptor->callers; caller != NULL; caller = caller->next) {
        // relaxed, both: written under the lock only; for the reader see caller_is_cancelled
        descriptor->cancelled_callers += !load_relaxed(&caller->cancelled);
        store_relaxed(&caller->cancelled, true);
    }
}

/* Under the record's lock: sends the signal to all who are marked. Their threads are alive. */
static void interrupt_callers(struct descriptor *descriptor)
{
    for (struct caller *caller = descriptor->callers; caller != NULL; caller = caller->next) {
        // relaxed: written under the lock only
        if (load_relaxed(&caller->cancelled)) {
            pthread_kill(caller->thread, INTERRUPT);
        }
    }
}

/* Under the record's lock, which it gives away while it waits: step 3. */
static void cancel_callers(struct descriptor *descriptor)
{
    sy_time pause = FIRST_PAUSE;
    mark_callers(descriptor);
    if (descriptor->cancelled_callers != 0) {
        install_handler();
    }
    while (descriptor->cancelled_callers != 0) {
        interrupt_callers(descriptor);
        struct timespec limit = deadline_timespec(sy_now() + pause);
        pthread_cond_clockwait(&descriptor->left, &descriptor->lock, CLOCK_MONOTONIC, &limit);
        pause = pause * 2 < LONGEST_PAUSE ? pause * 2 : LONGEST_PAUSE;
    }
}

int descriptor_cancel(int fd)
{
    struct descriptor *descriptor = NULL;
    if (fd < 0 || fcntl(fd, F_GETFD) < 0) {
        return -EBADF;
    }
    int status = find_or_make_record(fd, &descriptor);
    if (status != 0) {
        return status == -ENOMEM ? 0 : status; /* without a record nobody waits */
    }
    pthread_mutex_lock(&descriptor->lock);
    status = descriptor->closing ? -EBADF : 0;
    if (status == 0) {
        cancel_callers(descriptor);
    }
    pthread_mutex_unlock(&descriptor->lock);
    return status;
}

/* On Linux the number is free whatever close(2) answers. */
static int close_number(int fd)
{
    return close(fd) == 0 || errno == EINTR ? 0 : -errno;
}

/* Step 4, under the record's lock. */
static int close_locked(struct descriptor *descriptor, int fd)
{
    if (descriptor->closing) {
        return -EBADF;
    }
    descriptor->closing = true;
    cancel_callers(descriptor);
    int status = close_number(fd);
    // relaxed: a hint
    store_relaxed(&descriptor->kind, KIND_UNKNOWN);
    descriptor->closing = false;
    return status;
}

int descriptor_close(int fd)
{
    unsigned chunk = 0;
    struct descriptor *descriptor = fd < 0 ? NULL : find_record(fd, &chunk);
    if (descriptor == NULL) {
        return close_number(fd); /* never used here, or not a number at all */
    }
    pthread_mutex_lock(&descriptor->lock);
    int status = close_locked(descriptor, fd);
    pthread_mutex_unlock(&descriptor->lock);
    return status;
}
