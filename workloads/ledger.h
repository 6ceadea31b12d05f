/* ledger.h - what memory the process holds now, by who holds it.
 *
 * Resident memory is read from smaps_rollup, which walks the page tables: the figure in
 * /proc/self/status comes from per-CPU counters and may be off by some hundred KiB.
 * Kernel stacks and slab are not accounted by process anywhere: they are the whole machine's, from
 * /proc/meminfo, so a difference is only as good as the window was quiet.
 */
#ifndef SWITCHYARD_LEDGER_H
#define SWITCHYARD_LEDGER_H

#include <stdint.h>

struct ledger {
    const char *label;
    uint64_t rss_bytes;
    uint64_t page_table_bytes;
    uint64_t virtual_bytes;
    uint64_t mappings; /* lines of /proc/self/maps */
    uint64_t threads;
    uint64_t kernel_stack_bytes; /* machine */
    uint64_t slab_bytes;         /* machine */
};

/* Fills it. What the kernel does not tell is 0. */
void ledger_take(struct ledger *ledger, const char *label);

#endif
