/* task_pool.c - see task_pool.h. */
#include "task_pool.h"

#include <errno.h>
#include <sys/mman.h>

#include "hibernate.h"
#include "proc.h"
#include "segment.h"
#include "stack.h"

struct pool task_pool;

/* What the generation of a slot was when its memory, descriptor and all, went back to the system;
 * [slots], reserved address space. NULL where descriptors stay. Under the lock of the pool. */
static uint32_t *generations;

/* Guards, and the slots; the rest of fresh memory is zero: FREE, in no queue. */
static int carve(uint32_t first)
{
    int error = stack_carve(first);
    for (uint32_t index = first; error == 0 && index < first + POOL_BATCH; index++) {
        slot_init(&stack_task(index)->slot, index);
        stack_task(index)->stack_limit = segment_slot_limit(index);
    }
    return error;
}

/* The memory has gone, and is zero when it comes again: FREE, in no queue. */
static void revive(uint32_t index)
{
    if (generations != NULL) {
        struct slot *slot = &stack_task(index)->slot;
        slot_init(slot, index);
        store_relaxed(&slot->generation, generations[index]); /* relaxed: as in slot_init */
        stack_task(index)->stack_limit = segment_slot_limit(index);
    }
}

static int generations_init(uint32_t slots)
{
    generations = NULL;
    if (stack_region.apart) {
        return 0;
    }
    void *memory = mmap(NULL, slots * sizeof *generations, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        return -ENOMEM;
    }
    generations = memory;
    return 0;
}

static void generations_destroy(void)
{
    if (generations != NULL) {
        munmap(generations, stack_region.slots * sizeof *generations);
    }
}

int task_pool_init(size_t stack_bytes, uint32_t max_tasks)
{
    int64_t slots = stack_region_init(stack_bytes, max_tasks);
    if (slots < 0) {
        return (int)slots;
    }
    int error = generations_init((uint32_t)slots);
    if (error != 0) {
        goto no_generations;
    }
    error = pool_init(&task_pool, (uint32_t)slots, carve);
    if (error != 0) {
        goto no_pool;
    }
    task_pool.revive = revive;
    error = hibernate_init();
    if (error == 0) {
        return 0;
    }
    pool_destroy(&task_pool);
no_pool:
    generations_destroy();
no_generations:
    stack_region_destroy(0);
    return error;
}

uint32_t task_pool_clean(void)
{
    uint32_t slots[POOL_BATCH];
    struct iovec stacks[POOL_BATCH];
    uint32_t count = pool_borrow(&task_pool, slots);
    for (uint32_t i = 0; i < count; i++) {
        if (generations != NULL) {
            generations[slots[i]] = slot_generation(&stack_task(slots[i])->slot);
        }
        stacks[i] = (struct iovec){stack_bottom(slots[i]), stack_usable_bytes()};
    }
    if (count > 0) {
        stack_advise(stacks, count, MADV_DONTNEED); /* cannot fail: it is our memory */
        pool_return(&task_pool);
    }
    return count;
}

bool task_pool_has_spare(void)
{
    return pool_has_spare(&task_pool);
}

void task_pool_destroy(void)
{
    uint32_t used_slots = task_slots();
    for (uint32_t slot = 0; SANITIZE_FIBERS && slot < used_slots; slot++) {
        sanitize_task_end(stack_task(slot)->fiber);
    }
    hibernate_destroy();
    pool_destroy(&task_pool);
    generations_destroy();
    stack_region_destroy(used_slots);
}

void task_pool_drain(struct proc *proc)
{
    pool_drain(&task_pool, &proc->tasks);
}
