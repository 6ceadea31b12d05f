/* dump.c - see dump.h.
 *
 * The backtrace of a task that does not run is made from its saved context: arch_call_on (switch.S)
 * calls the walker as if the task's code had called it, and the call frame information leads from
 * there to that code. The task's stack is only read.
 */
#include "dump.h"

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/fatal.h"
#include "chan.h"
#include "cycles.h"
#include "descriptor.h"
#include "hibernate.h"
#include "mutex.h"
#include "preempt.h"
#include "scheduler.h"
#include "stack.h"
#include "worker.h"

#define TASKS_SHOWN 1000
#define FRAMES_SHOWN 64
#define PATIENCE SY_SECOND

/* --- one task --------------------------------------------------------------------------------- */

static const char *const reasons[WAIT_REASONS] = {
    [WAIT_NONE] = "waits",
    [WAIT_JOIN] = "waits to join task ",
    [WAIT_CHAN_SEND] = "waits to send on channel ",
    [WAIT_CHAN_RECV] = "waits to receive from channel ",
    [WAIT_MUTEX] = "waits for mutex ",
    [WAIT_COND] = "waits on condition ",
    [WAIT_SEM] = "waits for semaphore ",
    [WAIT_WAITGROUP] = "waits for waitgroup ",
    [WAIT_SELECT] = "waits in a select",
    [WAIT_RWLOCK] = "waits for rwlock ",
    [WAIT_ONCE] = "waits for once ",
    [WAIT_BARRIER] = "waits at barrier ",
    [WAIT_SLEEP] = "sleeps",
    [WAIT_READ] = "waits to read from descriptor ",
    [WAIT_WRITE] = "waits to write to descriptor ",
    [WAIT_BLOCKING] = "is in a blocking call",
    [WAIT_PREEMPTED] = "was preempted",
};

struct proc *dump_proc_of(const struct task *task)
{
    for (uint32_t i = 0; i < scheduler_procs(); i++) {
        if (scheduler.all[i].current == task) {
            return &scheduler.all[i];
        }
    }
    return NULL;
}

static void add_object(struct text *text, const struct task *task)
{
    switch (task->reason) {
    case WAIT_JOIN:
        text_add_number(text, task_number(task->object));
        break;
    case WAIT_CHAN_SEND:
    case WAIT_CHAN_RECV:
        text_add_number(text, chan_number(task->object));
        break;
    case WAIT_READ:
    case WAIT_WRITE:
        text_add_number(text, (uint64_t)descriptor_number(task->object));
        break;
    case WAIT_MUTEX:
    case WAIT_COND:
    case WAIT_SEM:
    case WAIT_WAITGROUP:
    case WAIT_RWLOCK:
    case WAIT_ONCE:
    case WAIT_BARRIER:
        text_add_pointer(text, task->object);
        break;
    default:
        break;
    }
}

static void add_duration(struct text *text, const struct task *task, sy_time now)
{
    sy_time waited = now - task->parked_at;
    text_add(text, ", for ");
    text_add_number(text, (uint64_t)((waited > 0 ? waited : 0) / SY_MILLISECOND));
    text_add(text, " ms");
}

/* waits to receive from channel 3, for 12 ms, with a deadline */
static void add_wait(struct text *text, const struct task *task, sy_time now)
{
    bool timed = cycles_wait_ends(task);
    text_add(text, reasons[task->reason]);
    if (task->reason == WAIT_SLEEP && !timed) {
        text_add(text, " for ever");
    }
    add_object(text, task);
    add_duration(text, task, now);
    if (timed && task->reason != WAIT_SLEEP) {
        text_add(text, ", with a deadline");
    }
    if (task->reason == WAIT_MUTEX && cycles_waits_for(task) != NULL) {
        text_add(text, "; held by ");
        cycles_add_task(text, cycles_waits_for(task));
    }
}

bool dump_is_aside(const struct task *task)
{
    return task->reason == WAIT_BLOCKING || task->reason == WAIT_PREEMPTED;
}

static void add_state(struct text *text, const struct task *task, sy_time now)
{
    const struct proc *proc = NULL;
    switch (task->state) {
    case TASK_SPAWNED:
        text_add(text, "has not run yet");
        break;
    case TASK_READY:
        text_add(text, "is ready to run");
        break;
    case TASK_PARKED:
        add_wait(text, task, now);
        break;
    case TASK_ENDED:
        text_add(text, "has ended, and was neither joined nor detached");
        break;
    default:
        proc = dump_proc_of(task);
        text_add(text, dump_is_aside(task) ? reasons[task->reason] : "runs");
        if (dump_is_aside(task)) {
            add_duration(text, task, now);
        } else if (proc != NULL) {
            text_add(text, " on proc ");
            text_add_number(text, proc->index);
        }
    }
}

struct walk {
    void *frames[FRAMES_SHOWN];
    int count;
};

static __attribute__((noinline)) void walk(void *arg)
{
    struct walk *walk = arg;
    walk->count = backtrace(walk->frames, FRAMES_SHOWN);
}

/* From the frame on that follows the first `skipped` ones. */
static void print_walk(struct report *report, const struct walk *walk, int skipped)
{
    if (walk->count > skipped) {
        report_frames(report, walk->frames + skipped, walk->count - skipped, false);
    }
}

/* Of the task that dumps: what is above its call. */
static void print_own_frames(const struct dump *dump)
{
    struct walk frames;
    int first = 0;
    walk(&frames);
    while (first < frames.count && frames.frames[first] != dump->caller) {
        first++;
    }
    print_walk(dump->report, &frames, first);
}

static void print_backtrace(const struct dump *dump, const struct task *task)
{
    struct walk frames;
    bool saved = task->state == TASK_PARKED || task->state == TASK_READY;
    if (saved && dump->parked) {
        arch_call_on(task->sp, walk, &frames);
        print_walk(dump->report, &frames, 2); /* walk and arch_call_on */
    } else if (task->state == TASK_RUNNING && task == proc_self()->current) {
        print_own_frames(dump);
    } else if (task->state == TASK_RUNNING && dump->running != NULL) {
        dump->running(dump, task);
    }
}

static void print_task(const struct dump *dump, const struct task *task)
{
    struct text *text = &dump->report->text;
    void *site = (void *)(uintptr_t)task->spawn_site;
    text_add(text, "\n");
    cycles_add_task(text, task);
    text_add(text, ": ");
    add_state(text, task, dump->now);
    text_add(text, "\n  spawned at ");
    report_add_frame(dump->report, site);
    report_push(dump->report);
    print_backtrace(dump, task);
}

/* --- all of them ------------------------------------------------------------------------------ */

/* "... and 500 more tasks", if there are. */
static void print_rest(struct report *report, uint32_t left)
{
    if (left > 0) {
        text_add(&report->text, "\n... and ");
        text_add_number(&report->text, left);
        text_add(&report->text, " more tasks\n");
        report_push(report);
    }
}

void dump_tasks(const struct dump *dump)
{
    uint32_t shown = 0;
    uint32_t left = 0;
    for (uint32_t slot = 0; slot < task_slots(); slot++) {
        const struct task *task = stack_task(slot);
        if (task->state == TASK_FREE) {
            continue;
        }
        if (shown < dump->limit) {
            print_task(dump, task);
            shown++;
        } else {
            left++;
        }
    }
    print_rest(dump->report, left);
}

void dump_missing(struct report *report, const struct world *world)
{
    struct text *text = &report->text;
    if (world->whole) {
        return;
    }
    for (uint32_t i = 0; i < world->seen; i++) {
        if (world->lagging[i] || (!world->seized[i] && &scheduler.all[i] != world->own)) {
            text_add(text, "proc ");
            text_add_number(text, i);
            text_add(text, " does not stop; ");
            report_push(report);
        }
    }
    text_add(text, "the tasks did not all stand still, and what follows may be wrong\n");
    report_push(report);
}

void dump_die(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    enum { FAULTS = 2 }; /* of these; what is read may be on a stack that hibernates */
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (size_t i = hibernate.slots != NULL ? FAULTS : 0; i < sizeof signals / sizeof signals[0];
         i++) {
        sigaction(signals[i], &standard, NULL);
    }
    report_prepare();
}

_Noreturn void dump_deadlock(void)
{
    struct report report;
    struct dump dump = {.report = &report, .limit = TASKS_SHOWN, .parked = true};
    struct sigaction standard = {.sa_handler = SIG_DFL};
    dump_die();
    world_claim(WORLD_CLAIM_PATIENCE);
    sigaction(SIGQUIT, &standard, NULL); /* ends this, if nobody reads what it prints */
    dump.now = sy_now();
    report_begin(&report, STDERR_FILENO, false);
    text_add(&report.text, "fatal error: all tasks are asleep - deadlock!\n");
    report_push(&report);
    dump_tasks(&dump);
    cycles_print(&report);
    _exit(SY_EXIT_FATAL);
}

static bool is_writable(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
}

int dump_live(int fd, const void *caller)
{
    struct world world;
    struct report report;
    struct dump dump = {.report = &report, .limit = UINT32_MAX, .caller = caller};
    if (!is_writable(fd)) {
        return -EBADF;
    }
    struct task *self = preempt_forbid(__func__); /* it holds the world */
    report_begin(&report, fd, true);
    report_prepare();
    world_stop(&world, proc_self(), PATIENCE);
    dump_missing(&report, &world);
    dump.now = sy_now();
    dump.parked = world.whole; /* else its stack might be in use */
    dump_tasks(&dump);
    int cycles = cycles_print(&report);
    world_start(&world);
    report_end(&report);
    preempt_allow(self);
    return cycles;
}

void dump_leaks(void)
{
    struct report report;
    uint32_t shown = 0;
    uint32_t left = 0;
    report_begin(&report, STDERR_FILENO, false);
    for (uint32_t slot = 0; slot < task_slots(); slot++) {
        const struct task *task = stack_task(slot);
        void *site = (void *)(uintptr_t)task->spawn_site;
        if (task->state != TASK_ENDED) {
            continue;
        }
        if (shown++ >= TASKS_SHOWN) {
            left++;
            continue;
        }
        text_add(&report.text, "leak: ");
        cycles_add_task(&report.text, task);
        text_add(&report.text, " has ended, and was neither joined nor detached; spawned at ");
        report_add_frame(&report, site);
        report_push(&report);
    }
    print_rest(&report, left);
}
