/* hibernate.c - hibernate.h's side of sysmon: which tasks are cold, and how their stacks go. */
#include "hibernate.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <switchyard/time.h>

#include "cold_room.h"
#include "scheduler.h"
#include "stack.h"
#include "stack_policy.h"
#include "uffd.h"

#define BUDGET (2 * SY_MILLISECOND) /* of one tick; then others have the CPU for as long */
#define PERIOD_MIN SY_MILLISECOND

struct hibernate hibernate;

/* A task that is about to become cold. */
struct candidate {
    uint32_t slot;
    char *sp;    /* as of step 1 */
    char *first; /* lowest page in use ... */
    size_t used; /* ... and the bytes from there to the end of the slot */
};

/* Sysmon's. */
static struct {
    struct candidate batch[POOL_BATCH];
    uint32_t count;
    uint32_t cursor;  /* the slot to be looked at next */
    sy_time youngest; /* when the next task may be cold, as far as was seen since cursor was 0 */
    uint64_t swept;   /* stacks put back until the last sweep */
} own;

bool hibernate_is_possible(void)
{
    return !SANITIZE_SWITCH_RETURNS && uffd_is_possible();
}

int hibernate_init(void)
{
    if (stack_policy.kind != SY_STACK_HIBERNATE) {
        return 0;
    }
    size_t bytes = stack_region.slots * sizeof *hibernate.slots;
    void *slots = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (slots == MAP_FAILED) {
        return -ENOMEM;
    }
    int error = cold_room_init(stack_region.slots);
    if (error == 0) {
        error = uffd_open(stack_region.base, stack_region.bytes);
        if (error != 0) {
            cold_room_destroy();
        }
    }
    if (error != 0) {
        munmap(slots, bytes);
        return error;
    }
    memset(&own, 0, sizeof own);
    own.youngest = SY_FOREVER;
    hibernate.slots = slots;
    store_relaxed(&hibernate.cooled, 0); /* relaxed, both: no worker runs */
    store_relaxed(&hibernate.warmed, 0);
    return 0;
}

void hibernate_destroy(void)
{
    if (hibernate.slots != NULL) {
        uffd_close();
        cold_room_destroy();
        munmap(hibernate.slots, stack_region.slots * sizeof *hibernate.slots);
        hibernate.slots = NULL;
    }
}

/* --- steps 1 and 2 ---------------------------------------------------------------------------- */

/* What another thread may be writing: a hint, until step 4 has looked again. */
static bool looks_parked(const struct task *task)
{
    return *(const volatile uint8_t *)&task->state == TASK_PARKED;
}

static char *saved_sp(const struct task *task)
{
    return *(void *const volatile *)&task->sp;
}

/* Step 1, but for the word. False if that stack is of no use: more than a block takes, or it is on
 * another one. */
static bool measure(uint32_t slot, struct candidate *candidate)
{
    char *sp = saved_sp(stack_task(slot));
    char *end = (char *)stack_bottom(slot) + stack_usable_bytes();
    char *top = stack_top(stack_task(slot));
    if (sp < (char *)stack_bottom(slot) || sp >= top || (size_t)(top - sp) > COLD_BLOCK_MAX) {
        return false;
    }
    char *first = sp - (uintptr_t)sp % stack_region.page;
    *candidate = (struct candidate){slot, sp, first, (size_t)(end - first)};
    return true;
}

static bool change(uint32_t slot, uint32_t from, uint32_t to)
{
    /* acquire: pairs with the release in unlock and unpin. release: what this state tells */
    return cas_acq_rel(&hibernate.slots[slot].word, &from, to);
}

static void mark(uint32_t slot)
{
    struct candidate candidate;
    if (!measure(slot, &candidate) || !change(slot, HIBERNATE_WARM, HIBERNATE_BUSY)) {
        return;
    }
    fence_seq_cst(); /* BUSY, then its state: pairs with the fence in hibernate_wake */
    if (!looks_parked(stack_task(slot)) || saved_sp(stack_task(slot)) != candidate.sp) {
        change(slot, HIBERNATE_BUSY, HIBERNATE_WARM);
        return;
    }
    if (uffd_protect(candidate.first, candidate.used) == 0) {
        own.batch[own.count++] = candidate;
        change(slot, HIBERNATE_BUSY, HIBERNATE_MARKED);
    } else {
        uffd_unprotect(candidate.first, candidate.used);
        change(slot, HIBERNATE_BUSY, HIBERNATE_WARM);
    }
}

/* --- steps 3 to 7 ----------------------------------------------------------------------------- */

static void await_sections(void)
{
    for (uint32_t i = 0; i < scheduler_procs(); i++) {
        proc_seize(&scheduler.all[i]);
        proc_release(&scheduler.all[i]);
    }
}

/* Steps 4 and 5. False if the slot stays warm. */
static bool copy_out(const struct candidate *candidate)
{
    uint32_t slot = candidate->slot;
    const struct task *task = stack_task(slot);
    if (!looks_parked(task) || saved_sp(task) != candidate->sp ||
        !change(slot, HIBERNATE_MARKED, HIBERNATE_BUSY)) {
        hibernate_touch(slot);
        return false;
    }
    size_t bytes = (size_t)((char *)stack_top(stack_task(slot)) - candidate->sp);
    uint32_t block = cold_room_new(bytes);
    if (block == COLD_BLOCK_NONE) {
        change(slot, HIBERNATE_BUSY, HIBERNATE_MARKED);
        hibernate_touch(slot);
        return false;
    }
    memcpy(cold_room_bytes(block), candidate->sp, bytes);
    hibernate.slots[slot].block = block;
    return true;
}

/* There is no room for what step 6 needs. */
static void stay_warm(uint32_t slot)
{
    cold_room_free(hibernate.slots[slot].block);
    change(slot, HIBERNATE_BUSY, HIBERNATE_MARKED);
    hibernate_touch(slot);
}

/* Steps 6 and 7 for slots that follow each other: what lies between their pages is theirs, too. */
static void cool_run(const struct iovec *pages, const uint32_t *slots, uint32_t count)
{
    const struct iovec *last = &pages[count - 1];
    size_t bytes = (size_t)((char *)last->iov_base - (char *)pages->iov_base) + last->iov_len;
    if (uffd_trap(pages->iov_base, bytes) != 0) {
        for (uint32_t i = 0; i < count; i++) {
            stay_warm(slots[i]);
        }
        return;
    }
    int error = stack_advise(pages, count, MADV_GUARD_INSTALL);
    if (error == 0) {
        error = uffd_untrap(pages->iov_base, bytes);
    }
    if (error != 0) { /* mostly -ENOMEM; a program may also have forbidden it meanwhile */
        sy_fatal("no guards for hibernated stacks (error %d)", -error);
    }
    for (uint32_t i = 0; i < count; i++) {
        change(slots[i], HIBERNATE_BUSY, HIBERNATE_COLD);
    }
    fetch_add_relaxed(&hibernate.cooled, count); /* relaxed: a statistic */
}

static void cool_batch(void)
{
    struct iovec pages[POOL_BATCH];
    uint32_t slots[POOL_BATCH];
    uint32_t count = 0;
    await_sections();
    for (uint32_t i = 0; i < own.count; i++) {
        if (copy_out(&own.batch[i])) {
            pages[count] = (struct iovec){own.batch[i].first, own.batch[i].used};
            slots[count++] = own.batch[i].slot;
        }
    }
    own.count = 0;
    for (uint32_t from = 0, to = 0; from < count; from = to) {
        for (to = from + 1; to < count && slots[to] == slots[to - 1] + 1;) {
            to++;
        }
        cool_run(&pages[from], &slots[from], to - from);
    }
}

/* --- ticks ------------------------------------------------------------------------------------ */

static void look_at(uint32_t slot, sy_time now)
{
    const struct task *task = stack_task(slot);
    /* relaxed: a hint; step 1 compares again */
    if (load_relaxed(&hibernate.slots[slot].word) != HIBERNATE_WARM || !looks_parked(task)) {
        return;
    }
    sy_time cold_at = *(const volatile sy_time *)&task->parked_at + stack_policy.cold_after;
    if (cold_at <= now) {
        mark(slot);
    } else if (cold_at < own.youngest) {
        own.youngest = cold_at;
    }
}

/* True when all slots have been looked at; false if the budget was spent before. */
static bool look_around(sy_time now)
{
    uint32_t slots = task_slots();
    while (own.cursor < slots) {
        look_at(own.cursor++, now);
        if (own.count == POOL_BATCH) {
            cool_batch();
            if (sy_now() - now >= BUDGET) {
                break;
            }
        }
    }
    if (own.count > 0) {
        cool_batch();
    }
    return own.cursor >= slots;
}

static void sweep(void)
{
    uint64_t warmed = load_relaxed(&hibernate.warmed); /* relaxed: a hint */
    if (warmed != own.swept) {
        own.swept = warmed;
        cold_room_sweep();
    }
}

sy_time hibernate_tick(sy_time now)
{
    bool all = look_around(now);
    sy_time spent = sy_now() - now;
    if (!all) {
        return now + 2 * spent;
    }
    sy_time next = own.youngest;
    sy_time soonest = now + stack_policy.cold_after / 4 + PERIOD_MIN;
    own.cursor = 0;
    own.youngest = SY_FOREVER;
    sweep();
    return next == SY_FOREVER || next > soonest ? next : soonest;
}
