/* ledger.c - see ledger.h. */
#include "ledger.h"

#include "procfile.h"

#define TEXT_BYTES 8192 /* /proc/self/status and /proc/meminfo are about 1,500 bytes each */
#define KIB 1024

static void take_process(struct ledger *ledger, char *text)
{
    if (procfile_read("/proc/self/status", text, TEXT_BYTES)) {
        ledger->rss_bytes = procfile_field(text, "VmRSS:") * KIB;
        ledger->page_table_bytes = procfile_field(text, "VmPTE:") * KIB;
        ledger->virtual_bytes = procfile_field(text, "VmSize:") * KIB;
        ledger->threads = procfile_field(text, "Threads:");
    }
    if (procfile_read("/proc/self/smaps_rollup", text, TEXT_BYTES)) {
        ledger->rss_bytes = procfile_field(text, "Rss:") * KIB;
    }
    ledger->mappings = procfile_lines("/proc/self/maps");
}

static void take_machine(struct ledger *ledger, char *text)
{
    if (procfile_read("/proc/meminfo", text, TEXT_BYTES)) {
        ledger->kernel_stack_bytes = procfile_field(text, "KernelStack:") * KIB;
        ledger->slab_bytes = procfile_field(text, "Slab:") * KIB;
    }
}

void ledger_take(struct ledger *ledger, const char *label)
{
    static char text[TEXT_BYTES]; /* not on the stack: a task's may be small */
    *ledger = (struct ledger){.label = label};
    take_process(ledger, text);
    take_machine(ledger, text);
}
