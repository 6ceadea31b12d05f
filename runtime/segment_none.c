/* segment_none.c - see segment.h: here stacks do not grow beyond their slots. */
#include "segment.h"

#include "segment_pool.h"
#include "stack.h"

uintptr_t segment_slot_limit(uint32_t slot)
{
    (void)slot;
    return 0;
}

void segment_release_some(struct task *task)
{
    (void)task;
}

_Noreturn void segment_leave_all(struct task *task, void (*end)(struct task *task, void *value),
                                 void *value)
{
    end(task, value);
    __builtin_unreachable();
}

const struct segment *segment_of_guard(const struct task *task, const void *address)
{
    (void)task;
    (void)address;
    return NULL;
}

uintptr_t *segment_limit_word(void)
{
    return NULL;
}

void segment_forget_limit(void)
{
}

void segment_poison(uintptr_t *word)
{
    (void)word;
}

void segment_pool_trim(void)
{
}

size_t segment_pool_bytes(void)
{
    return 0;
}

size_t segment_used_bytes(struct task *task, uintptr_t sp)
{
    return (uintptr_t)stack_top(task) - sp;
}
