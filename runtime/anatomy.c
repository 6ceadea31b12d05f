/* anatomy.c - the bare register swap between two stacks, timed. */
#include <errno.h>
#include <sys/mman.h>

#include <switchyard/stats.h>
#include <switchyard/time.h>

#include "proc.h"

#define STACK_BYTES ((size_t)64 << 10)
#define ROUNDS_MAX ((uint64_t)1 << 40)

void sy_raw_swap(void **save, void *to); /* switch.S */

/* One pair at a time: guarded by the caller, which is a task and does not switch. */
static __thread void *here;
static __thread void *there;

static void partner(void)
{
    for (;;) {
        sy_raw_swap(&there, here);
    }
}

int sy_anatomy_swap(uint64_t rounds, sy_time *elapsed_ns)
{
    if (rounds == 0 || rounds > ROUNDS_MAX || elapsed_ns == NULL) {
        return -EINVAL;
    }
    char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) {
        return -ENOMEM;
    }
    there = arch_raw_frame(stack + STACK_BYTES, partner);
    sy_time begin = sy_now();
    for (uint64_t round = 0; round < rounds; round++) {
        sy_raw_swap(&here, there);
    }
    *elapsed_ns = sy_now() - begin;
    munmap(stack, STACK_BYTES);
    return 0;
}
