/* wrong_kinds.c - the table of mistakes. Each workload is one on which the mistake matters. */
#include <string.h>

#include "wrong.h"

const struct wrong_kind wrong_kinds[WRONG_KINDS] = {
    {.name = "unpinned",
     .mistake = "The processes were not pinned to a CPU",
     .lesson = "Left alone, the kernel spreads two threads over two CPUs, and each hop wakes a CPU "
               "that sleeps: another quantity than a switch on one CPU, and one that depends on "
               "what else the machine does.",
     .workload = "switch.chan",
     .params = {{"rounds", 5000}, {"latency_rounds", 0}},
     .trials = 7,
     .right = {"switch", .warmup = 1, .epochs = 5},
     .wrong = {"switch", .warmup = 1, .epochs = 5, .unpinned = true}},
    {.name = "cold",
     .mistake = "The first epoch of a process was taken, without a warm-up",
     .lesson = "The first time pays for what is paid only once: page faults, the binding of "
               "functions, cold caches. That is a cost of its own, and no answer to what each "
               "further one costs.",
     .workload = "create.serial",
     .params = {{"rounds", 20}},
     .trials = 15,
     .right = {"create", .warmup = 5, .epochs = 50},
     .wrong = {"create", .warmup = 0, .epochs = 1}},
    {.name = "mean",
     .mistake = "The mean of all hops was taken for what a hop takes",
     .lesson = "A few hops that an interrupt or another program delayed weigh as much in a mean as "
               "thousands of others. The median says what a hop takes, and percentiles say how bad "
               "the rare ones are; the mean says neither.",
     .workload = "switch.yield",
     .params = {{"rounds", 1000}, {"tasks", 2}, {"latency_rounds", 5000}},
     .trials = 10,
     .right = {"hop_latency", .warmup = 1, .epochs = 5},
     .wrong = {"hop_latency", .mean = true, .warmup = 1, .epochs = 5},
     .one_process = true},
    {.name = "rss",
     .mistake = "Resident memory was taken for all memory",
     .lesson = "Most of what a thread holds is in the kernel: its kernel stack, the descriptors in "
               "slab memory, page tables. No process sees these in its own RSS.",
     .workload = "memory.park",
     .params = {{"tasks", 10000}},
     .trials = 5,
     .right = {"total", .warmup = 1, .epochs = 1},
     .wrong = {"rss", .warmup = 1, .epochs = 1},
     .one_process = true},
    {.name = "a-then-b",
     .mistake = "All processes of A ran first, then all of B",
     .lesson = "Whatever changes in between (clock rate, temperature, neighbours) looks like a "
               "difference between A and B. Here both are the same program, so the true ratio is "
               "1. The right way runs A and B by turns, in the order A B, B A.",
     .workload = "switch.yield",
     .params = {{"rounds", 100000}, {"tasks", 2}, {"latency_rounds", 0}},
     .trials = 20,
     .right = {"switch", .warmup = 1, .epochs = 5},
     .wrong = {"switch", .warmup = 1, .epochs = 5},
     .a_then_b = true},
};

const struct wrong_kind *wrong_find(const char *name)
{
    for (size_t i = 0; i < WRONG_KINDS; i++) {
        if (strcmp(wrong_kinds[i].name, name) == 0) {
            return &wrong_kinds[i];
        }
    }
    return NULL;
}

const char *wrong_side(const struct wrong_kind *kind, int side)
{
    static const char *const backends[SIDES] = {"green threads", "OS threads"};
    static const char *const same[SIDES] = {"A", "B (the same)"};
    return kind->a_then_b ? same[side] : backends[side];
}
