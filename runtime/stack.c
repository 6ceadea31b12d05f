/* stack.c - see stack.h. */
#include "stack.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sanitize.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102 /* Linux 6.13; not in Debian 12's headers */
#endif
#define PROCESS_SELF (-10000) /* PIDFD_SELF_THREAD_GROUP of Linux 6.14 and later */

struct stack_region stack_region;

/* The kernel refused MADV_GUARD_INSTALL. Guarded by the lock of the pool that carves. */
static bool guard_by_mprotect;

static char *slot_start(uint32_t slot)
{
    return stack_region.base + slot * stack_region.stride;
}

int64_t stack_region_init(size_t usable_bytes, uint32_t max_tasks)
{
    uint32_t slots = (max_tasks + POOL_BATCH - 1) / POOL_BATCH * POOL_BATCH;
    stack_region.page = (size_t)sysconf(_SC_PAGESIZE);
    stack_region.usable =
        (usable_bytes + stack_region.page - 1) / stack_region.page * stack_region.page;
    stack_region.stride = stack_region.usable + stack_region.page;
    guard_by_mprotect = false;
    for (; slots >= POOL_BATCH; slots = slots / 2 / POOL_BATCH * POOL_BATCH) {
        if (__builtin_mul_overflow((size_t)slots, stack_region.stride, &stack_region.bytes)) {
            continue;
        }
        void *base = mmap(NULL, stack_region.bytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
        if (base != MAP_FAILED) {
            madvise(base, stack_region.bytes, MADV_NOHUGEPAGE); /* may fail: no huge pages at all */
            stack_region.base = base;
            stack_region.slots = slots;
            return slots;
        }
    }
    return -ENOMEM;
}

void stack_region_destroy(uint32_t used_slots)
{
    sanitize_unpoison(stack_region.base, (size_t)used_slots * stack_region.stride);
    munmap(stack_region.base, stack_region.bytes);
    stack_region.base = NULL;
    stack_region.slots = 0;
}

/* All guards of a batch in one system call, else one by one: older kernels let a process advise
 * itself only through madvise. */
static int guard_by_advice(uint32_t first)
{
    struct iovec guards[POOL_BATCH];
    for (uint32_t i = 0; i < POOL_BATCH; i++) {
        guards[i] = (struct iovec){slot_start(first + i), stack_region.page};
    }
    long done = syscall(SYS_process_madvise, PROCESS_SELF, guards, (size_t)POOL_BATCH,
                        MADV_GUARD_INSTALL, 0);
    if (done == (long)(POOL_BATCH * stack_region.page)) {
        return 0;
    }
    for (uint32_t i = 0; i < POOL_BATCH; i++) {
        if (madvise(guards[i].iov_base, stack_region.page, MADV_GUARD_INSTALL) != 0) {
            return errno == EINVAL || errno == EPERM || errno == ENOSYS ? -ENOSYS : -ENOMEM;
        }
    }
    return 0;
}

static int guard_by_protection(uint32_t first)
{
    for (uint32_t i = 0; i < POOL_BATCH; i++) {
        if (mprotect(slot_start(first + i), stack_region.page, PROT_NONE) != 0) {
            return -EAGAIN; /* vm.max_map_count */
        }
    }
    return 0;
}

int stack_carve(uint32_t first)
{
    if (!guard_by_mprotect) {
        int error = guard_by_advice(first);
        if (error != -ENOSYS) {
            return error;
        }
        guard_by_mprotect = true;
    }
    return guard_by_protection(first);
}

void *stack_bottom(uint32_t slot)
{
    return slot_start(slot) + stack_region.page;
}

size_t stack_usable_bytes(void)
{
    return stack_region.usable;
}

bool stack_guard_hit(const void *address, uint32_t *slot)
{
    size_t offset = (size_t)((const char *)address - stack_region.base);
    if (stack_region.base == NULL || offset >= stack_region.bytes) {
        return false;
    }
    *slot = (uint32_t)(offset / stack_region.stride);
    return offset % stack_region.stride < stack_region.page;
}
