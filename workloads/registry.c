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
extern const struct workload switch_sem;
extern const struct workload switch_workingset;
extern const struct workload memory_park;
extern const struct workload memory_cold;
extern const struct workload memory_deep;
extern const struct workload chan_buffered;
extern const struct workload chan_mpmc;
extern const struct workload chan_spsc;
extern const struct workload chan_mpsc;
extern const struct workload chan_select;
extern const struct workload sync_mutex;
extern const struct workload sync_rwlock;
extern const struct workload sync_waitgroup;
extern const struct workload skynet;
extern const struct workload forkjoin_fib;
extern const struct workload sieve;
extern const struct workload threadring;
extern const struct workload nqueens;
extern const struct workload mergesort;
extern const struct workload matmul;
extern const struct workload mandelbrot;
extern const struct workload philosophers;
extern const struct workload pipeline;
extern const struct workload counter;
extern const struct workload crossover;
extern const struct workload go_chan_uncontended;
extern const struct workload go_chan_contended;
extern const struct workload go_chan_creation;
extern const struct workload go_chan_sem;
extern const struct workload go_chan_sync;
extern const struct workload go_chan_prodcons0;
extern const struct workload go_chan_prodcons10;
extern const struct workload go_chan_prodcons100;
extern const struct workload go_chan_popular;
extern const struct workload go_select_uncontended;
extern const struct workload go_select_contended;
extern const struct workload go_select_prodcons;
extern const struct workload go_create;
extern const struct workload go_create_parallel;
extern const struct workload go_create_capture;
extern const struct workload go_stack_growth;
extern const struct workload go_stack_growth_deep;
extern const struct workload go_hog;
extern const struct workload steal_imbalance;
extern const struct workload speedup;
extern const struct workload timer_storm;
extern const struct workload blocking_mix;
extern const struct workload preempt_hog;
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
extern const struct workload stack_deep;
extern const struct workload stack_cross;
extern const struct workload stack_check;

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
    &switch_sem,
    &switch_workingset,
    &memory_park,
    &memory_cold,
    &memory_deep,
    &chan_buffered,
    &chan_mpmc,
    &chan_spsc,
    &chan_mpsc,
    &chan_select,
    &sync_mutex,
    &sync_rwlock,
    &sync_waitgroup,
    &skynet,
    &forkjoin_fib,
    &sieve,
    &threadring,
    &nqueens,
    &mergesort,
    &matmul,
    &mandelbrot,
    &philosophers,
    &pipeline,
    &counter,
    &crossover,
    &go_chan_uncontended,
    &go_chan_contended,
    &go_chan_creation,
    &go_chan_sem,
    &go_chan_sync,
    &go_chan_prodcons0,
    &go_chan_prodcons10,
    &go_chan_prodcons100,
    &go_chan_popular,
    &go_select_uncontended,
    &go_select_contended,
    &go_select_prodcons,
    &go_create,
    &go_create_parallel,
    &go_create_capture,
    &go_stack_growth,
    &go_stack_growth_deep,
    &go_hog,
    &steal_imbalance,
    &speedup,
    &timer_storm,
    &blocking_mix,
    &preempt_hog,
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
    &stack_deep,
    &stack_cross,
    &stack_check,
    NULL,
};
