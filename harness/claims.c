/* claims.c - the table of claims: sentence, test, rule. */
#include "claims.h"

#include <string.h>

const struct claim claims[CLAIMS] = {
    {"C1",
     "Creating and destroying a green thread is very cheap, and all in user space; a thread is "
     "expensive, and goes through the kernel",
     "create.serial, create.batch",
     "a thread costs more than 10 times as much in every metric of processes that create 1,000 "
     "tasks or more, and a green thread takes at most 1/20 of a thread's kernel time per task: the "
     "system time of one whole process of each cell, start-up included, by all tasks that these "
     "created, warm-up included; no system calls are counted here (switchyard syscalls does), and "
     "kernels that account by the tick can show 0",
     judge_creation},
    {"C2",
     "A green thread starts on about 2 KB of stack that grows and shrinks as needed, up to 1 GB",
     "memory.park, memory.cold, memory.deep, stack.deep",
     "resident memory per parked task is 1 to 3 KiB; stack.deep recurses through 1 GiB of frames; "
     "and a second after memory.deep the process holds at most 1.2 times of before, in two runs or "
     "more. What waiting tasks hold by policy is shown",
     judge_stack},
    {"C3", "A thread's stack is fixed at 1–2 MB, and many threads exhaust memory",
     "memory.park, create.limit",
     "a thread reserves 0.9 to 2.2 MiB, and when the next thread is refused at least 90 % of the "
     "machine's memory is in use",
     judge_thread_stack},
    {"C4", "A user-space switch saves three registers (PC, SP, BP)",
     "the machine code of sy_switch, anatomy.*",
     "on the straight path of sy_switch, disassembled from the worker that ran, the registers that "
     "are saved are the program counter, the stack pointer and the frame pointer, and no other; "
     "the listing stands below the figure on what a switch is made of",
     judge_registers},
    {"C5", "A green switch costs about 200 ns, a thread switch 1–2 µs",
     "switch.yield, switch.chan, switch.mutex, switch.cond",
     "the green interval lies within 100 to 400 ns and the thread's within 1 to 2 µs",
     judge_switch},
    {"C6", "G tasks on M threads through P processors: M:N; P defaults to the number of cores",
     "memory.park, io.echo, skynet, forkjoin.fib (counters)",
     "there is a run with at least 100 times as many tasks at once as workers started; processes "
     "of "
     "memory.park, skynet and forkjoin.fib that create 1,000 tasks or more start at most P + 4 "
     "workers; and a process that is not told P takes as many procs as it has CPUs: those of its "
     "affinity, but no more than its cgroup's quota, rounded up (CPUs, not cores, where SMT "
     "makes two of one). It flips where tasks block in the "
     "kernel, for each such call holds a worker: the run of blocking.mix with the most workers is "
     "shown",
     judge_m_to_n},
    {"C7", "Thousands of tasks run on a few dozen threads, and the kernel never sees the tasks",
     "memory.park (threads, kernel switches)",
     "with 1,000 tasks or more the process has at most 36 threads, and makes less than one kernel "
     "switch for ten tasks",
     judge_few_threads},
    {"C8", "P processors run tasks truly in parallel",
     "speedup, mergesort, nqueens, matmul, mandelbrot",
     "on every number P of procs above one that was measured, work that only computes is at least "
     "0.9 P times as fast as on one proc",
     judge_parallel},
    {"C9", "An idle processor steals work, so load is balanced",
     "steal.imbalance, stealing on and off",
     "jobs that all begin on one proc are done at least 0.75 P times as fast on P procs as with "
     "stealing switched off, and steals are counted, and none where it is off",
     judge_stealing},
    {"C10",
     "A task that waits for I/O is set aside; its worker takes the next one and the kernel is not "
     "involved",
     "io.echo",
     "with 100 connections or more the process makes at most 36 threads for its tasks, and at most "
     "0.1 epoll calls and 0.1 kernel switches for each request that it answered, the warm-up's and "
     "the first on each connection included; kernel switches are those of the whole process, and "
     "so "
     "shared with the raw loops, which answer as many requests",
     judge_waiting},
    {"C11", "Scheduling is cooperative with preemption: a task cannot hog a processor",
     "preempt.hog, each mechanism on and off",
     "on one proc, beside each kind of hog (calls of the runtime, functions, an empty loop, inside "
     "of malloc), 99 % of at least 100 wake-ups of another task are at most 25 ms late and "
     "preemptions are counted, and more than 25 ms, and none, where all mechanisms are switched "
     "off. The bound on the share of all is that of Clopper and Pearson, with 95 % confidence, as "
     "if the wake-ups of one process were independent",
     judge_preemption},
    {"C12",
     "Share memory by communicating (channels) is safer than locks, and mutexes are there too",
     "counter, pipeline",
     "counter and pipeline do their work with channels and with mutexes on both back ends, and on "
     "two procs or more the counter whose guard was forgotten loses additions where the one that "
     "is owned by a task, which has no guard to forget, loses none. A program that is missing "
     "leaves the claim open there, and one that failed speaks against it",
     judge_communicating},
    {"C13", "Hundreds of thousands of green threads are easy", "memory.park, create.limit",
     "every run of memory.park with more than 100,000 tasks alive at once ends well; create.limit "
     "is "
     "shown beside it",
     judge_many_tasks},
    {"C14", "Under high concurrency the advantage is huge", "crossover",
     "with 1,000 tasks or more the work is done more than 10 times as fast as with OS threads; "
     "each "
     "size of task and share of blocking ones is a cell. It flips where the tasks are large: OS "
     "threads tie from the size on at which they take 1.1 times as long",
     judge_advantage},
    {"C15", "Green threads are simpler to program", "all workloads",
     "the same source runs on both back ends, so where both did equal work neither was simpler; "
     "where OS threads failed at what green threads did, a program for them would have to be "
     "another "
     "one, and the claim holds there",
     judge_same_source},
};

int judge_later(const struct results *results, struct outcome *outcome)
{
    (void)results;
    outcome->verdict = VERDICT_NOT_MEASURED;
    return 0;
}

int claim_judge(const struct claim *claim, const struct results *results, struct outcome *outcome)
{
    memset(outcome, 0, sizeof *outcome);
    return claim->judge(results, outcome);
}
