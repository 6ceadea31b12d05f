/* dump.c - see dump.h.
 *
 * A parked task's backtrace is made on its own stack: arch_call_on (switch.S) calls the walker as
 * if the task's saved context had called it, and the call frame information leads from there to the
 * task's code. The process is about to end, so the stack below may be overwritten.
 */
#include "dump.h"

#include <execinfo.h>
#include <unistd.h>

#include <switchyard/time.h>

#include "chan.h"
#include "park.h"
#include "stack.h"
#include "text.h"

#define TASKS_SHOWN 1000
#define FRAMES_SHOWN 32

static const char *const reasons[WAIT_REASONS] = {
    [WAIT_NONE] = "has not run yet",
    [WAIT_JOIN] = "waits to join task ",
    [WAIT_CHAN_SEND] = "waits to send on channel ",
    [WAIT_CHAN_RECV] = "waits to receive from channel ",
    [WAIT_MUTEX] = "waits for mutex ",
    [WAIT_COND] = "waits on condition ",
    [WAIT_SEM] = "waits for semaphore ",
    [WAIT_WAITGROUP] = "waits for waitgroup ",
    [WAIT_SLEEP] = "sleeps for ever",
    [WAIT_READ] = "waits to read from descriptor ",
    [WAIT_WRITE] = "waits to write to descriptor ",
    [WAIT_BLOCKING] = "is in a blocking call",
};

static void add_object(struct text *text, const struct task *task)
{
    if (task->reason == WAIT_JOIN) {
        text_add_number(text, ((const struct task *)task->object)->slot.index + 1);
    } else if (task->reason == WAIT_CHAN_SEND || task->reason == WAIT_CHAN_RECV) {
        text_add_number(text, chan_number(task->object));
    } else if (task->object != NULL) {
        text_add_pointer(text, task->object);
    }
}

/* task 7 "consumer": waits to receive from channel 3, for 12 ms */
static void add_headline(struct text *text, const struct task *task, sy_time now)
{
    text_add(text, "\ntask ");
    text_add_number(text, task->slot.index + 1);
    text_add(text, " \"");
    text_add(text, task->name);
    text_add(text, "\": ");
    if (task->state == TASK_ENDED) {
        text_add(text, "has ended, and was neither joined nor detached\n");
        return;
    }
    text_add(text, reasons[task->reason]);
    add_object(text, task);
    text_add(text, ", for ");
    text_add_number(text, (uint64_t)((now - task->parked_at) / SY_MILLISECOND));
    text_add(text, " ms\n");
}

static void print_frames(void *const *frames, int count)
{
    backtrace_symbols_fd(frames, count, STDERR_FILENO);
}

static void walk(void *skip)
{
    void *frames[FRAMES_SHOWN];
    int count = backtrace(frames, FRAMES_SHOWN);
    int first = 2; /* this function and arch_call_on */
    (void)skip;
    if (count > first) {
        print_frames(frames + first, count - first);
    }
}

static void print_task(const struct task *task, sy_time now)
{
    struct text text = {.used = 0};
    add_headline(&text, task, now);
    text_add(&text, "  spawned at ");
    text_write(&text, STDERR_FILENO);
    void *site = (void *)(uintptr_t)task->spawn_site;
    print_frames(&site, 1);
    if (task->state == TASK_PARKED) {
        arch_call_on(task->sp, walk, NULL);
    }
}

_Noreturn void dump_deadlock(void)
{
    struct text text = {.used = 0};
    void *frame = NULL;
    uint32_t shown = 0;
    uint32_t left = 0;
    sy_time now = sy_now();
    backtrace(&frame, 1); /* loads the unwinder while this stack, and not a task's, is in use */
    text_add(&text, "fatal error: all tasks are asleep - deadlock!\n");
    text_write(&text, STDERR_FILENO);
    for (uint32_t slot = 0; slot < task_slots(); slot++) {
        const struct task *task = stack_task(slot);
        if (task->state == TASK_FREE) {
            continue;
        }
        if (shown < TASKS_SHOWN) {
            print_task(task, now);
            shown++;
        } else {
            left++;
        }
    }
    if (left > 0) {
        text_add(&text, "\n... and ");
        text_add_number(&text, left);
        text_add(&text, " more tasks\n");
        text_write(&text, STDERR_FILENO);
    }
    _exit(SY_EXIT_FATAL);
}
