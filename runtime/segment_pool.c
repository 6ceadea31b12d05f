/* segment_pool.c - see segment_pool.h. Compiled without vector registers, as segment.c. */
#include "segment_pool.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "base/spin.h"
#include "growth.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102 /* Linux 6.13; not in Debian 12's headers */
#endif
#define GUARD_BYTES ((size_t)4096)

static struct {
    struct spin lock;
    struct segment *spare;  /* lock: by next */
    uint32_t spare_count;   /* lock */
    _Atomic uint64_t bytes; /* mapped, spare ones included; a statistic */
} pool;

static bool guard(char *mapping)
{
    uintptr_t address = (uintptr_t)mapping;
    return arch_syscall3(SYS_madvise, address, GUARD_BYTES, MADV_GUARD_INSTALL) == 0 ||
           arch_syscall3(SYS_mprotect, address, GUARD_BYTES, PROT_NONE) == 0;
}

static void unmap(char *mapping, size_t bytes)
{
    arch_syscall3(SYS_munmap, (uintptr_t)mapping, bytes, 0);
    fetch_add_relaxed(&pool.bytes, -(uint64_t)bytes); /* relaxed: a statistic */
}

/* NULL if the kernel refuses. Small ones shall not be joined into huge pages, each of which would
 * be committed as a whole. In the largest ones they are welcome: who needs such a segment mostly
 * fills it, and to touch a gibibyte takes 0.1 s instead of 0.65 (virtual machine, 2026-11). */
static char *map(size_t bytes)
{
    long result =
        arch_syscall6(SYS_mmap, 0, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, (uintptr_t)-1, 0);
    if (result < 0) {
        return NULL;
    }
    char *mapping = (char *)result;
    fetch_add_relaxed(&pool.bytes, bytes);                /* relaxed: a statistic */
    arch_syscall3(SYS_madvise, (uintptr_t)mapping, bytes, /* may fail: no huge pages at all */
                  bytes < SEGMENT_BYTES_MAX ? MADV_NOHUGEPAGE : MADV_HUGEPAGE);
    if (!guard(mapping)) {
        unmap(mapping, bytes);
        return NULL;
    }
    return mapping;
}

static struct segment *take_spare(void)
{
    spin_lock(&pool.lock);
    struct segment *segment = pool.spare;
    if (segment != NULL) {
        pool.spare = segment->next;
        pool.spare_count--;
    }
    spin_unlock(&pool.lock);
    return segment;
}

static struct segment *make(size_t bytes)
{
    char *mapping = map(bytes);
    if (mapping == NULL) {
        return NULL;
    }
    struct segment *segment = (struct segment *)(void *)(mapping + bytes) - 1;
    segment->mapping = mapping;
    segment->mapped_bytes = bytes;
    segment->bottom = (uintptr_t)mapping + GUARD_BYTES;
    segment->top = (uintptr_t)(segment - 1);
    return segment;
}

struct segment *segment_take(size_t bytes, size_t mapped)
{
    size_t size = SEGMENT_BYTES_MIN;
    size_t around = GUARD_BYTES + SEGMENT_HEADROOM + 2 * sizeof(struct segment);
    while (size < bytes + around || size < mapped) { /* ends: both are at most STACK_TOTAL */
        size *= 2;
    }
    struct segment *segment = size == SEGMENT_BYTES_MIN ? take_spare() : NULL;
    if (segment == NULL) {
        segment = make(size);
    }
    if (segment != NULL) {
        segment->previous = NULL;
        segment->next = NULL;
        segment->blocks = NULL;
        segment->limit = segment->bottom + SEGMENT_HEADROOM;
        segment->bytes = segment->top - segment->bottom;
        segment->room = 0;
        segment->left_at = 0;
    }
    return segment;
}

void segment_give(struct segment *segment)
{
    bool keep = false;
    if (segment->mapped_bytes == SEGMENT_BYTES_MIN) {
        spin_lock(&pool.lock);
        keep = pool.spare_count < SEGMENT_SPARE_MAX;
        if (keep) {
            segment->next = pool.spare;
            pool.spare = segment;
            pool.spare_count++;
        }
        spin_unlock(&pool.lock);
    }
    if (!keep) {
        unmap(segment->mapping, segment->mapped_bytes);
    }
}

void segment_pool_trim(void)
{
    struct segment *segment = NULL;
    while ((segment = take_spare()) != NULL) {
        unmap(segment->mapping, segment->mapped_bytes);
    }
}

size_t segment_pool_bytes(void)
{
    return load_relaxed(&pool.bytes); /* relaxed: a statistic */
}
