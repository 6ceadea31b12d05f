/* preempt_signal.c - see preempt_signal.h. The handler interrupts code of the program at any place:
 * it calls nothing of libc that is not async-signal-safe, and no lock of the runtime is held there.
 */
#include "preempt_signal.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <switchyard/time.h>

#include "base/futex.h"
#include "base/trace.h"
#include "distance.h"
#include "global.h"
#include "netpoll.h"
#include "park.h"
#include "pass_signal.h"
#include "preempt.h"
#include "retake.h"
#include "sysmon.h"
#include "tune.h"

#define SIGNAL SIGURG

/* The runtime's text, in the sections that CMakeLists.txt gives it; by the linker. */
extern const char __start_sy_text[] __attribute__((weak));
extern const char __stop_sy_text[] __attribute__((weak));
extern const char __start_sy_text_cold[] __attribute__((weak));
extern const char __stop_sy_text_cold[] __attribute__((weak));

void sy_task_entry(void); /* switch.S */

static struct {
    struct sigaction previous; /* see pass_signal.h */
    /* Immutable while the handler is installed. */
    pid_t process;
    bool installed;
} own;

/* --- 1: is it safe here? ---------------------------------------------------------------------- */

static bool is_in_runtime(const void *instruction)
{
    uintptr_t at = (uintptr_t)instruction;
    return (at >= (uintptr_t)__start_sy_text && at < (uintptr_t)__stop_sy_text) ||
           (at >= (uintptr_t)__start_sy_text_cold && at < (uintptr_t)__stop_sy_text_cold);
}

static bool is_safe(const struct worker *self, struct proc *proc, const ucontext_t *machine)
{
    /* relaxed: this thread's own */
    if (proc == &proc_nobody || load_relaxed(&proc->in_section) != 0 || proc->worker != self ||
        is_in_runtime(arch_program_counter(machine))) {
        return false;
    }
    const struct task *task = proc->current;
    return task != &self->context && task->nopreempt == 0 && task->reason != WAIT_BLOCKING &&
           preempt_is_wanted(proc) && !netpoll_is_calling(proc);
}

/* --- 2 to 7 ----------------------------------------------------------------------------------- */

/* Step a: the proxy's body. */
static void *hand_over(void *parked)
{
    struct proc *proc = proc_enter_unpreempted();
    struct worker *worker = proc->worker;
    worker->relieves = parked;
    proc->stopped = WAIT_PREEMPTED;
    proc->current = &worker->context;
    counter_add(&proc->switches, 1);
    sy_resume(NULL, &worker->context, proc);
    __builtin_unreachable();
}

static void prepare_proxy(struct worker *self)
{
    struct task *proxy = &self->proxy;
    proxy->state = TASK_READY;
    proxy->reason = WAIT_PREEMPTED;
    proxy->slot.index = UINT32_MAX; /* number 0 */
    proxy->sp = arch_frame((char *)self->signal_stack + PROXY_STACK_BYTES, sy_task_entry,
                           arch_control_words(), proxy, hand_over, self);
}

/* Steps 3 to 5. In the section; ended if there is an heir, who is to be told. */
static struct worker *give_proc(struct proc *proc, struct worker *self, struct task *task)
{
    struct task *proxy = &self->proxy;
    struct worker *heir = NULL;
    prepare_proxy(self);
    store_relaxed(&self->cpu, distance_cpu()); /* relaxed: a hint */
    spin_lock(&scheduler.lock);
    /* relaxed: under the lock */
    if (scheduler.sleepers_count > load_relaxed(&scheduler.idle_procs)) {
        heir = scheduler_choose_heir(self);
        store_relaxed(&self->token, TOKEN_NONE); /* relaxed: the lock orders it */
        task->reason = WAIT_PREEMPTED;
        task->parked_at = sy_now();
        preempt_keep_for_others(proc, task->parked_at);
        self->blocking_task = task;
        self->proc = NULL;
        proc->current = &heir->context;
        counter_add(&proc->switches, 1);
        global_push(&proxy, 1);
        scheduler_hand(proc, heir);
        proc_leave(proc);
        proc_assign(NULL);
    }
    spin_unlock(&scheduler.lock);
    return heir;
}

/* Step 7. */
static void await_turn(struct worker *self, struct task *task)
{
    /* acquire: pairs with the release of V, which set worker->proc before */
    while (load_acquire(&self->token) != TOKEN_PROC) {
        futex_wait(&self->token, TOKEN_NONE, SY_FOREVER);
    }
    proc_assign(self->proc);
    struct proc *proc = proc_enter_unpreempted(); /* who has stopped the world looks at `current` */
    task->reason = WAIT_NONE;
    proc->current = task;
    proc_leave(proc);
}

static void note_stop(struct worker *self, const struct task *task)
{
    if (self->traced == task_number(task)) {
        trace_event(TRACE_STOP, self->traced, 0, TRACE_WORD_PREEMPT);
    }
    self->traced = 0;
}

static void note_start(struct worker *self, const struct task *task)
{
    if (unlikely(trace_is_on()) && load_relaxed(&scheduler.ticks) == 1) { /* relaxed: a hint */
        self->traced = task_number(task);
        trace_record(TRACE_START, self->traced, 0, NULL);
    }
}

static void park(struct worker *self)
{
    struct proc *proc = proc_enter_unpreempted();
    struct task *task = proc->current;
    struct worker *heir = give_proc(proc, self, task);
    if (heir == NULL) {
        proc_leave(proc);
        return;
    }
    fetch_add_relaxed(&scheduler.preempts_signal, 1); /* relaxed: a statistic */
    note_stop(self, task);
    scheduler_tell(heir, TOKEN_PROC);
    scheduler_notify(); /* the proxy is in the global queue */
    await_turn(self, task);
    note_start(self, task);
}

/* --- the signal ------------------------------------------------------------------------------- */

/* What sysmon sends is known by its value. */
static bool is_ours(const siginfo_t *info)
{
    return info->si_code == SI_QUEUE && info->si_pid == own.process &&
           info->si_value.sival_ptr == &own;
}

/* The task stays on its thread, so that its errno stays where it is; but out of line, as in all
 * functions that may let another task run (tests/arch/no_cached_tls.sh). */
static __attribute__((noinline)) int get_errno(void)
{
    return errno;
}

static __attribute__((noinline)) void set_errno(int error)
{
    errno = error;
}

static void on_signal(int signal, siginfo_t *info, void *context)
{
    int error = get_errno();
    struct worker *self = worker_self();
    if (!is_ours(info)) {
        pass_signal_call(&own.previous, signal, info, context);
    } else if (self != NULL && is_safe(self, proc_self(), context)) {
        park(self);
    }
    set_errno(error);
}

void preempt_signal_install(void)
{
    struct sigaction action = {.sa_sigaction = on_signal,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
    own.process = getpid();
    own.installed = !SANITIZE_SWITCH_RETURNS && __start_sy_text != NULL &&
                    (tune_off & TUNE_NOPREEMPTSIGNAL) == 0;
    if (own.installed) {
        sigaction(SIGNAL, &action, &own.previous);
    }
}

/* True while no other handler has taken its place. */
static bool is_in_place(void)
{
    struct sigaction current;
    sigaction(SIGNAL, NULL, &current);
    return current.sa_sigaction == on_signal;
}

void preempt_signal_remove(void)
{
    if (own.installed && is_in_place()) {
        sigaction(SIGNAL, &own.previous, NULL);
    }
    own.installed = false;
}

/* --- sysmon's part, and V's ------------------------------------------------------------------- */

static void send(struct worker *worker)
{
    pid_t thread = load_relaxed(&worker->thread_id); /* relaxed: written once */
    siginfo_t info = {.si_signo = SIGNAL, .si_code = SI_QUEUE};
    info.si_pid = own.process;
    info.si_uid = getuid();
    info.si_value.sival_ptr = &own;
    syscall(SYS_rt_tgsigqueueinfo, own.process, thread, SIGNAL, &info); /* 0: no such thread */
}

void preempt_signal_send(struct proc *proc)
{
    bool lacks = false;
    if (!own.installed || !is_in_place()) {
        return;
    }
    spin_lock(&scheduler.lock); /* keeps the worker's thread alive */
    struct worker *worker = proc->worker;
    /* relaxed, both: under the lock; hints */
    if (worker != NULL && load_relaxed(&proc->blocking) == 0) {
        lacks = scheduler.sleepers_count <= load_relaxed(&scheduler.idle_procs);
        if (!lacks) {
            send(worker);
        }
    }
    spin_unlock(&scheduler.lock);
    if (lacks) {
        retake_make_spare();
    }
}

bool preempt_hand_over(struct worker *worker)
{
    struct worker *parked = worker->relieves;
    struct proc *proc = worker->proc;
    worker->relieves = NULL;
    spin_lock(&scheduler.lock);
    proc->worker = parked;
    parked->proc = proc;
    scheduler_leave_proc(worker);
    spin_unlock(&scheduler.lock);
    scheduler_tell(parked, TOKEN_PROC);
    return scheduler_sleep(worker);
}
