/* stack.c - see stack.h. */
#include "stack.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sanitize.h"
#include "stack_policy.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif
#define AVAILABLE "MemAvailable:"
#define FIXED_RESERVE ((uint64_t)256 << 20) /* what a batch of fixed stacks leaves to others */
#define PROCESS_SELF (-10000)               /* PIDFD_SELF_THREAD_GROUP of Linux 6.14 and later */

struct stack_region stack_region;

/* The kernel refused MADV_GUARD_INSTALL. Guarded by the lock of the pool that carves. */
static bool guard_by_mprotect;

static char *slot_start(uint32_t slot)
{
    return stack_region.base + slot * stack_region.stride;
}

/* The descriptors: in the slots, or in an array. 0 or -ENOMEM. */
static int place_descriptors(uint32_t slots)
{
    stack_region.apart = stack_policy.kind == SY_STACK_HIBERNATE;
    stack_region.stagger_mask = STACK_STAGGERS - 1;
    stack_region.task_stride = stack_region.stride;
    stack_region.tasks = stack_region.base + stack_region.stride - sizeof(struct task);
    if (!stack_region.apart) {
        return 0;
    }
    void *tasks = mmap(NULL, slots * sizeof(struct task), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (tasks == MAP_FAILED) {
        return -ENOMEM;
    }
    stack_region.tasks = tasks;
    stack_region.task_stride = sizeof(struct task);
    stack_region.stagger_mask = 0;
    return 0;
}

static bool reserve(uint32_t slots)
{
    if (__builtin_mul_overflow((size_t)slots, stack_region.stride, &stack_region.bytes)) {
        return false;
    }
    void *base = mmap(NULL, stack_region.bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (base == MAP_FAILED) {
        return false;
    }
    stack_region.base = base;
    if (place_descriptors(slots) != 0) {
        munmap(base, stack_region.bytes);
        stack_region.base = NULL;
        return false;
    }
    madvise(base, stack_region.bytes, MADV_NOHUGEPAGE); /* may fail: no huge pages at all */
    stack_region.slots = slots;
    return true;
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
        if (reserve(slots)) {
            return slots;
        }
    }
    return -ENOMEM;
}

void stack_region_destroy(uint32_t used_slots)
{
    sanitize_unpoison(stack_region.base, (size_t)used_slots * stack_region.stride);
    munmap(stack_region.base, stack_region.bytes);
    if (stack_region.apart) {
        munmap(stack_region.tasks, stack_region.slots * sizeof(struct task));
    }
    stack_region.base = NULL;
    stack_region.slots = 0;
}

/* All pieces in one system call, else one by one: older kernels let a process advise itself only
 * through madvise. What the call left undone is done again, which changes nothing. */
int stack_advise(const struct iovec *pieces, size_t count, int advice)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        bytes += pieces[i].iov_len;
    }
    long done = syscall(SYS_process_madvise, PROCESS_SELF, pieces, count, advice, 0);
    if (done == (long)bytes) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (madvise(pieces[i].iov_base, pieces[i].iov_len, advice) != 0) {
            return -errno;
        }
    }
    return 0;
}

static int guard_by_advice(uint32_t first)
{
    struct iovec guards[POOL_BATCH];
    for (uint32_t i = 0; i < POOL_BATCH; i++) {
        guards[i] = (struct iovec){slot_start(first + i), stack_region.page};
    }
    int error = stack_advise(guards, POOL_BATCH, MADV_GUARD_INSTALL);
    if (error == 0) {
        return 0;
    }
    return error == -EINVAL || error == -EPERM || error == -ENOSYS ? -ENOSYS : -ENOMEM;
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

static int guard(uint32_t first)
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

/* What the system says that it has left; everything if it does not say. */
static uint64_t bytes_available(void)
{
    char line[128];
    unsigned long long kilobytes = ULLONG_MAX >> 10;
    FILE *file = fopen("/proc/meminfo", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, AVAILABLE, sizeof AVAILABLE - 1) == 0) {
            kilobytes = strtoull(line + sizeof AVAILABLE - 1, NULL, 10);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return kilobytes << 10;
}

/* The policy "fixed": takes all pages of a batch now. The system would end some process when there
 * is no memory, perhaps this one, so it is asked before. */
static int commit(uint32_t first)
{
    if (bytes_available() < FIXED_RESERVE + POOL_BATCH * stack_region.usable) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < POOL_BATCH; i++) {
        char *bottom = stack_bottom(first + i);
        if (madvise(bottom, stack_region.usable, MADV_POPULATE_WRITE) == 0) {
            continue;
        }
        if (errno != EINVAL) {
            return -ENOMEM;
        }
        for (size_t at = 0; at < stack_region.usable; at += stack_region.page) {
            *(volatile char *)(bottom + at) = 0;
        }
    }
    return 0;
}

int stack_carve(uint32_t first)
{
    int error = guard(first);
    return error == 0 && stack_policy.kind == SY_STACK_FIXED ? commit(first) : error;
}

bool stack_slot_of(const void *task, uint32_t *slot)
{
    size_t offset = (size_t)((const char *)task - stack_region.tasks);
    if (!stack_region.apart) {
        offset = (size_t)((const char *)task - stack_region.base);
    }
    *slot = (uint32_t)(offset / stack_region.task_stride);
    return stack_region.base != NULL && offset / stack_region.task_stride < stack_region.slots &&
           stack_task(*slot) == task;
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
