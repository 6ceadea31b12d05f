/* schedtrace.c - see schedtrace.h. */
#include "schedtrace.h"

#include <unistd.h>

#include <switchyard/time.h>

#include "global.h"
#include "scheduler.h"
#include "settings.h"
#include "text.h"

static struct {
    sy_time start;
    sy_time next;
} own = {.next = SY_FOREVER};

void schedtrace_start(void)
{
    own.start = sy_now();
    own.next = settings.schedtrace > 0 ? own.start + settings.schedtrace : SY_FOREVER;
}

sy_time schedtrace_next(void)
{
    return own.next;
}

static void add(struct text *text, const char *name, uint64_t value)
{
    text_add(text, name);
    text_add_number(text, value);
}

static uint32_t queued(struct proc *proc)
{
    uint32_t held_back = 0;
    /* relaxed: a snapshot, without the proc's section */
    held_back += load_relaxed(&proc->runq.next) != NULL;
    held_back += load_relaxed(&proc->runq.fresh) != NULL;
    return runq_offered(&proc->runq) + held_back;
}

static void add_scheduler(struct text *text)
{
    spin_lock(&scheduler.lock);
    /* relaxed: under the lock, but for spinning, which is a snapshot */
    add(text, "ms: procs=", load_relaxed(&scheduler.active));
    add(text, " idleprocs=", load_relaxed(&scheduler.idle_procs));
    add(text, " workers=", scheduler.workers_live);
    add(text, " sleeping=", scheduler.sleepers_count);
    add(text, " spinning=", load_relaxed(&scheduler.spinning));
    add(text, " blocked=", scheduler.blocked);
    add(text, " runqueue=", global_length());
    spin_unlock(&scheduler.lock);
}

static void print(sy_time now)
{
    struct text text = {.used = 0};
    add(&text, "SCHED ", (uint64_t)((now - own.start) / SY_MILLISECOND));
    add_scheduler(&text);
    for (uint32_t i = 0; i < scheduler_procs(); i++) {
        add(&text, i == 0 ? " [" : " ", queued(&scheduler.all[i]));
        if (text.used > TEXT_BYTES / 2) {
            text_write(&text, STDERR_FILENO); /* hundreds of procs */
        }
    }
    text_add(&text, "]\n");
    text_write(&text, STDERR_FILENO);
}

void schedtrace_tick(sy_time now)
{
    if (now >= own.next) {
        print(now);
        own.next = now + settings.schedtrace;
    }
}
