/* deep.c - see deep.h.
 *
 * A stack that went deep has pages right below the one that its stack pointer is in: mincore(2)
 * tells. Whether the task is parked, ready, or has ended is looked at again while the world stands
 * still, and then it stays so until the pages are gone; the world stands for one slice at a time.
 */
#include "deep.h"

#include <sys/mman.h>

#include <switchyard/time.h>

#include "giveback.h"
#include "stack.h"
#include "stop_world.h"

#define SLOTS_AT_ONCE 4096u         /* looked at in one tick, at most */
#define BUDGET (2 * SY_MILLISECOND) /* the same in time */
#define PATIENCE SY_MILLISECOND     /* with tasks in the section; then another time */
#define WINDOW 16                   /* pages below the stack pointer that show a deep stack */
#define SLICE_PAGES 1024u           /* that go while the world stands still */

static uint32_t cursor; /* the slot to be looked at next */

void deep_start(void)
{
    cursor = 0;
}

static char *page_of(char *address)
{
    return address - (uintptr_t)address % stack_region.page;
}

/* Of the range of whole pages; at most SLICE_PAGES. */
static size_t resident_pages(char *from, const char *to)
{
    unsigned char pages[SLICE_PAGES];
    size_t count = (size_t)(to - from) / stack_region.page;
    size_t resident = 0;
    if (mincore(from, (size_t)(to - from), pages) != 0) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        resident += pages[i] & 1u;
    }
    return resident;
}

/* The lowest page in use; the bottom while nobody knows, for a running task. Exact while the world
 * stands still. */
static char *first_used(uint32_t slot)
{
    const struct task *task = stack_task(slot);
    char *bottom = stack_bottom(slot);
    char *top = stack_top(stack_task(slot));
    char *sp = *(void *const volatile *)&task->sp;
    switch (*(const volatile uint8_t *)&task->state) {
    case TASK_FREE:
    case TASK_ENDED:
        return page_of(top - 1);
    case TASK_SPAWNED:
    case TASK_READY:
    case TASK_PARKED:
        return sp >= bottom && sp < top ? page_of(sp) : bottom; /* on a segment, perhaps */
    default:
        return bottom;
    }
}

/* What is not used any more of one slice. False: the world did not stand still in time. */
static bool give_slice(uint32_t slot, char *from, char *to)
{
    static struct world world; /* sysmon's; too large for its stack */
    world_stop(&world, NULL, PATIENCE);
    char *end = first_used(slot);
    end = end < to ? end : to;
    if (world.whole && end > from) {
        struct iovec piece = {from, (size_t)(end - from)};
        stack_advise(&piece, 1, MADV_DONTNEED); /* cannot fail: it is our memory */
        fetch_add_relaxed(&giveback.stacks, 1); /* relaxed: a statistic */
    }
    bool whole = world.whole;
    world_start(&world);
    return whole;
}

/* From the bottom up, so that what is left of a look that ended early is found again: false, and
 * this slot is to be looked at again, or nothing would tell of it later. */
static bool give_unused(uint32_t slot)
{
    size_t slice = SLICE_PAGES * stack_region.page;
    char *end = first_used(slot);
    for (char *at = stack_bottom(slot); at < end; at += slice) {
        char *to = (size_t)(end - at) < slice ? end : at + slice;
        if (resident_pages(at, to) > 0 && !give_slice(slot, at, to)) {
            return false;
        }
    }
    return true;
}

/* True if pages right below the one in use are there. */
static bool is_deep(uint32_t slot)
{
    char *end = first_used(slot);
    char *bottom = stack_bottom(slot);
    size_t pages = (size_t)(end - bottom) / stack_region.page;
    pages = pages < WINDOW ? pages : WINDOW;
    return pages > 0 && resident_pages(end - pages * stack_region.page, end) > 0;
}

/* Of the stack in use: what is beyond its topmost page; while it runs, how much of that is there at
 * the top. */
static size_t bytes_in_use(uint32_t slot)
{
    const struct task *task = stack_task(slot);
    char *top = page_of((char *)stack_top(stack_task(slot)) - 1);
    char *first = first_used(slot);
    if (*(const volatile uint8_t *)&task->state == TASK_RUNNING) {
        size_t pages = (size_t)(top - first) / stack_region.page;
        pages = pages < SLICE_PAGES ? pages : SLICE_PAGES;
        return resident_pages(top - pages * stack_region.page, top) * stack_region.page;
    }
    return (size_t)(top - first);
}

/* False for a stack that has gone back whole, its descriptor too: reading that would map a page. */
static bool has_descriptor(uint32_t slot)
{
    char *end = (char *)stack_bottom(slot) + stack_usable_bytes();
    return stack_region.apart || resident_pages(end - stack_region.page, end) > 0;
}

bool deep_look(size_t *in_use)
{
    sy_time end = sy_now() + BUDGET;
    uint32_t slots = task_slots();
    for (uint32_t looks = 0; looks < SLOTS_AT_ONCE && cursor < slots; looks++) {
        if (has_descriptor(cursor)) {
            if (is_deep(cursor) && !give_unused(cursor)) {
                break;
            }
            *in_use += bytes_in_use(cursor);
        }
        cursor++;
        if (sy_now() >= end) {
            break;
        }
    }
    if (cursor < slots) {
        return false;
    }
    cursor = 0;
    return true;
}
