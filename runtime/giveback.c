/* giveback.c - see giveback.h. */
#include "giveback.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "deep.h"
#include "hibernate.h"
#include "procs.h"
#include "segment_pool.h"
#include "stack.h"
#include "stack_policy.h"
#include "sysmon.h"
#include "task_pool.h"
#include "tune.h"

#define BATCHES 16u              /* of free slots in one tick */
#define LOOKING_REST 49          /* times as long as a part took that found nothing: 2 % of a CPU */
#define GROWTH ((size_t)1 << 20) /* of the process, that makes it worth to look */

struct giveback giveback;

/* Sysmon's. */
static struct {
    sy_time next; /* tick */
    sy_time part; /* when something other than cold tasks is due; SY_FOREVER: nothing is left */
    bool rests;   /* resting was set, and nobody was seen to stir */
    uint64_t switches; /* of all procs, at the last tick */
    size_t resident;   /* what the process had when the stacks were looked through */
    bool looking;      /* through the stacks */
    size_t deep_bytes; /* in use by deep stacks, as of the last look; they may be left unused */
    int statm; /* open all the time: if each look opened it, the program's next descriptor would not
                * always have the lowest free number. Like those of netpoll it is not the program's
                * to close. -1: off, or refused */
} own;

/* Fixed stacks keep their pages; sanitizers have marks of their own for each. */
static bool is_off(void)
{
    return stack_policy.kind == SY_STACK_FIXED || SANITIZE_SWITCH_RETURNS ||
           (tune_off & TUNE_NOGIVEBACK) != 0;
}

/* Again, if it was refused. */
static void open_statm(void)
{
    if (own.statm < 0) {
        own.statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    }
}

void giveback_start(void)
{
    own.statm = -1;
    if (!is_off()) {
        open_statm();
    }
    own.next = sy_now() + GIVEBACK_PERIOD;
    own.part = own.next;
    own.rests = false;
    own.switches = 0;
    own.resident = 0;
    own.looking = false;
    own.deep_bytes = 0;
    deep_start();
    store_relaxed(&giveback.resting, 0); /* relaxed, both: no worker runs */
    store_relaxed(&giveback.stacks, 0);
}

void giveback_stop(void)
{
    if (own.statm >= 0) {
        close(own.statm);
    }
}

sy_time giveback_next(void)
{
    return own.next;
}

void giveback_stir_slow(void)
{
    store_relaxed(&giveback.resting, 0); /* relaxed: the request below publishes it */
    sysmon_ask(SYSMON_LOOK);
}

/* True if a proc runs tasks, and is not in a blocking call. */
static bool is_busy(void)
{
    /* relaxed, both: hints, or ordered by the fence in rest */
    uint32_t idle = load_relaxed(&scheduler.idle_procs);
    for (uint32_t i = 0; i < scheduler_procs(); i++) {
        idle += load_relaxed(&scheduler.all[i].blocking) != 0;
    }
    return idle < load_relaxed(&scheduler.active);
}

/* True if tasks have run since the last tick. */
static bool has_run(void)
{
    uint64_t switches = procs_switches();
    bool changed = switches != own.switches;
    own.switches = switches;
    return changed;
}

/* Bytes of the process in memory; 0 if the system does not say. */
static size_t resident_bytes(void)
{
    char text[64] = "";
    open_statm();
    ssize_t length = pread(own.statm, text, sizeof text - 1, 0);
    char *second = text;
    (void)strtoul(text, &second, 10);
    return length > 0 ? strtoul(second, NULL, 10) * stack_region.page : 0;
}

/* The next part of free stacks. True if more are left. */
static bool clean_spare(void)
{
    for (uint32_t batch = 0; batch < BATCHES; batch++) {
        uint32_t count = task_pool_clean();
        fetch_add_relaxed(&giveback.stacks, count); /* relaxed: a statistic */
        if (count == 0) {
            return false;
        }
    }
    return true;
}

/* The next part of stacks that once were deep. True if more are left. */
static bool look_for_deep(bool ran)
{
    size_t resident = resident_bytes();
    if (!own.looking && resident < own.resident) {
        own.resident = resident;
    }
    bool grown = resident > own.resident + GROWTH;
    if (!own.looking && (grown || (ran && own.deep_bytes >= GROWTH))) {
        own.looking = true;
        own.deep_bytes = 0;
    }
    if (own.looking && deep_look(&own.deep_bytes)) {
        own.looking = false;
        own.resident = resident_bytes();
    }
    return own.looking;
}

static sy_time earlier(sy_time a, sy_time b)
{
    return a < b ? a : b;
}

/* No task runs, and nothing is left to do before `next`. */
static void rest(sy_time next)
{
    segment_pool_trim();
    own.next = next;
    own.rests = true;
    store_relaxed(&giveback.resting, 1); /* relaxed: the fence orders it */
    fence_seq_cst();                     /* resting, then idle procs: pairs with giveback_stir */
    if (is_busy()) {
        store_relaxed(&giveback.resting, 0); /* relaxed: only saves somebody to stir us */
        own.rests = false;
        own.next = earlier(next, sy_now() + GIVEBACK_PERIOD);
    }
}

/* Between parts of what takes several ticks others have the CPU: for as long as this one took; and
 * for much longer if tasks run and nothing was given back, as a program that just grows is looked
 * through, too. Not for ever if the part took long because others had the CPU. */
static sy_time next_part(sy_time now, bool modest)
{
    sy_time then = sy_now();
    sy_time pause = (then - now) * (modest ? LOOKING_REST : 1);
    return then + earlier(pause, GIVEBACK_PERIOD);
}

/* All but cold tasks. When the next part is due; SY_FOREVER: nothing is left. */
static sy_time work_on_part(void)
{
    sy_time now = sy_now();
    uint64_t given = load_relaxed(&giveback.stacks); /* relaxed, here and below: only we write it */
    bool busy = has_run();
    bool parts = clean_spare();
    parts |= look_for_deep(busy);
    busy |= is_busy();
    if (parts) {
        return next_part(now, busy && load_relaxed(&giveback.stacks) == given); /* relaxed: above */
    }
    return busy || task_pool_has_spare() ? now + GIVEBACK_PERIOD : SY_FOREVER;
}

static void work(sy_time now)
{
    sy_time cold = hibernate.slots != NULL ? hibernate_tick(now) : SY_FOREVER;
    if (now >= own.part || own.part == SY_FOREVER) {
        own.part = work_on_part();
    }
    own.next = earlier(cold, own.part);
    if (own.part == SY_FOREVER) {
        rest(cold);
    }
}

void giveback_tick(sy_time now)
{
    if (is_off()) {
        own.next = SY_FOREVER;
        return;
    }
    /* relaxed: who stirs us asks sysmon behind it */
    if (own.rests && load_relaxed(&giveback.resting) == 0) {
        own.rests = false;
        own.next = earlier(own.next, now + GIVEBACK_PERIOD);
    }
    if (now >= own.next) {
        work(now);
    }
}
