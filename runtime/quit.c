/* quit.c - see quit.h. */
#include "quit.h"

#include <errno.h>
#include <execinfo.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/futex.h"
#include "cycles.h"
#include "dump.h"
#include "scheduler.h"
#include "sysmon.h"
#include "worker.h"

#define FRAMES_SHOWN 64
#define FRAMES_OF_SIGNAL 3 /* answer, the handler, and the kernel's return from it */
#define PATIENCE SY_SECOND /* with a proc, see stop_world.h */
#define ANSWER_WITHIN SY_SECOND
#define ALL_ANSWER_WITHIN (5 * SY_SECOND) /* after that nobody is asked any more */

static struct {
    _Atomic(struct worker *) asked;
    _Atomic uint32_t answers; /* futex word: changes with each answer */

    /* Immutable while the handler is installed. */
    struct worker *first; /* the worker of sy_run's caller, which is on no list */
    pthread_t first_thread;
    pid_t process;

    sy_time silence; /* sysmon: how long it has waited in vain */
} own;

/* --- the handler ------------------------------------------------------------------------------ */

/* Steps b and c. */
static __attribute__((noinline)) void answer(void)
{
    struct report report;
    void *frames[FRAMES_SHOWN];
    int count = backtrace(frames, FRAMES_SHOWN);
    report_begin(&report, STDERR_FILENO, false);
    if (count > FRAMES_OF_SIGNAL) {
        report_frames(&report, frames + FRAMES_OF_SIGNAL, count - FRAMES_OF_SIGNAL, true);
    }
    store_release(&own.asked, NULL);    /* release: what was printed comes first; pairs with
                                         * the acquire in ask */
    fetch_add_seq_cst(&own.answers, 1); /* seq_cst: no matter; ends the wait in ask */
    futex_wake(&own.answers, 1);
}

/* Nobody would print: the signal does what it does elsewhere. */
static void quit_silently(void)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigaction(SIGQUIT, &standard, NULL);
    raise(SIGQUIT);
}

static void on_quit(int signal)
{
    int error = errno;
    struct worker *self = worker_self();
    (void)signal;
    /* acquire: pairs with the release in ask */
    if (self != NULL && load_acquire(&own.asked) == self) {
        answer();
    } else if (getpid() != own.process || !sysmon_ask(SYSMON_DUMP)) {
        quit_silently();
    }
    errno = error;
}

void quit_install(void)
{
    struct sigaction action = {.sa_handler = on_quit, .sa_flags = SA_ONSTACK | SA_RESTART};
    struct sigaction previous;
    own.first = worker_self();
    own.first_thread = pthread_self();
    own.process = getpid();
    sigaction(SIGQUIT, NULL, &previous);
    if ((previous.sa_flags & SA_SIGINFO) == 0 && previous.sa_handler == SIG_DFL) {
        report_prepare(); /* what a handler must not load */
        sigaction(SIGQUIT, &action, NULL);
    }
}

void quit_remove(void)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    struct sigaction current;
    sigaction(SIGQUIT, NULL, &current);
    if ((current.sa_flags & SA_SIGINFO) == 0 && current.sa_handler == on_quit) {
        sigaction(SIGQUIT, &standard, NULL);
    }
}

/* --- sysmon's part ---------------------------------------------------------------------------- */

/* True if this worker is in the task's blocking call. Under the scheduler's lock. */
static bool is_blocked_in(const struct worker *worker, const struct task *task)
{
    const struct proc *proc = worker->proc;
    bool runs_another = proc != NULL && proc->worker == worker && proc->current != task;
    return worker->blocking_task == task && !worker->sleeping && !runs_another;
}

static struct worker *worker_blocked_in(const struct task *task)
{
    struct worker *worker = scheduler.workers;
    if (is_blocked_in(own.first, task)) {
        return own.first;
    }
    while (worker != NULL && !is_blocked_in(worker, task)) {
        worker = worker->next_worker;
    }
    return worker;
}

/* The worker whose thread runs the task. NULL if it cannot be told. A proc that was taken from a
 * blocking call still names its task until its new worker gets to run, which is another one. */
static struct worker *worker_of(const struct task *task)
{
    struct worker *blocked = dump_is_aside(task) ? worker_blocked_in(task) : NULL;
    const struct proc *proc = dump_proc_of(task);
    if (blocked != NULL || proc == NULL) {
        return blocked;
    }
    return proc->worker;
}

/* Steps 2 to 4. */
static void ask(struct worker *worker)
{
    uint32_t answers = load_relaxed(&own.answers); /* relaxed: changes only after the request */
    sy_time begin = sy_now();
    store_release(&own.asked, worker); /* release: pairs with the acquire in on_quit */
    pthread_kill(worker == own.first ? own.first_thread : worker->thread, SIGQUIT);
    /* acquire: pairs with the release in answer */
    while (load_acquire(&own.asked) != NULL && sy_now() - begin < ANSWER_WITHIN) {
        futex_wait(&own.answers, answers, begin + ANSWER_WITHIN);
    }
    struct worker *asked = worker;
    /* acquire: as above. If it succeeds there was no answer. */
    if (cas_acquire(&own.asked, &asked, NULL)) {
        own.silence += sy_now() - begin;
    }
}

static void print_running(const struct dump *dump, const struct task *task)
{
    struct worker *worker = worker_of(task);
    sy_time silence = own.silence;
    report_push(dump->report);
    if (worker != NULL && silence < ALL_ANSWER_WITHIN) {
        ask(worker);
    }
    if (worker == NULL || own.silence != silence || silence >= ALL_ANSWER_WITHIN) {
        text_add(&dump->report->text, "    its thread does not answer: no backtrace\n");
        report_push(dump->report);
    }
}

_Noreturn void quit_dump(void)
{
    static struct world world;
    struct report report;
    struct dump dump = {.report = &report, .limit = UINT32_MAX, .parked = true};
    dump_die();
    world_stop(&world, NULL, PATIENCE);
    report_begin(&report, STDERR_FILENO, false);
    text_add(&report.text, "SIGQUIT: all tasks\n");
    report_push(&report);
    dump_missing(&report, &world);
    dump.now = sy_now();
    dump.running = world.locked ? print_running : NULL; /* the lock keeps the workers in place */
    dump_tasks(&dump);
    cycles_print(&report);
    _exit(SY_EXIT_FATAL);
}
