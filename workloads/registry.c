/* registry.c - all workloads, in the order in which --list shows them. */
#include "workload.h"

extern const struct workload create_serial;
extern const struct workload create_batch;
extern const struct workload create_limit;
extern const struct workload switch_yield;
extern const struct workload switch_chan;
extern const struct workload switch_mutex;
extern const struct workload switch_cond;
extern const struct workload switch_ring;
extern const struct workload switch_pipe;
extern const struct workload memory_park;
extern const struct workload chan_buffered;
extern const struct workload chan_mpmc;
extern const struct workload skynet;
extern const struct workload forkjoin_fib;
extern const struct workload sieve;
extern const struct workload steal_imbalance;
extern const struct workload speedup;
extern const struct workload timer_storm;
extern const struct workload blocking_mix;
extern const struct workload idle_cpu;
extern const struct workload io_echo;
extern const struct workload io_http;
extern const struct workload switch_time;
extern const struct workload handoff_pair;
extern const struct workload anatomy_swap;
extern const struct workload anatomy_swap_inline;
extern const struct workload anatomy_swap_return;
extern const struct workload anatomy_swap_control;
extern const struct workload anatomy_swap_context;
extern const struct workload anatomy_futex;
extern const struct workload anatomy_pipe;

const struct workload *const workload_registry[] = {
    &create_serial,
    &create_batch,
    &create_limit,
    &switch_yield,
    &switch_chan,
    &switch_mutex,
    &switch_cond,
    &switch_ring,
    &switch_pipe,
    &memory_park,
    &chan_buffered,
    &chan_mpmc,
    &skynet,
    &forkjoin_fib,
    &sieve,
    &steal_imbalance,
    &speedup,
    &timer_storm,
    &blocking_mix,
    &idle_cpu,
    &io_echo,
    &io_http,
    &switch_time,
    &handoff_pair,
    &anatomy_swap,
    &anatomy_swap_inline,
    &anatomy_swap_return,
    &anatomy_swap_control,
    &anatomy_swap_context,
    &anatomy_futex,
    &anatomy_pipe,
    NULL,
};
