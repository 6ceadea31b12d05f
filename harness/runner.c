/* runner.c - see runner.h.
 *
 * One loop waits for output, the child's end, the deadline, or Ctrl-C. The child's end is what its
 * pidfd says, never the end of its output: a grandchild may hold the pipe open for ever.
 */
#include "runner.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "complaint.h"
#include "signals.h"
#include "textfile.h"

#define SECOND_NS 1000000000
#define MEMORY_CHECK_NS 250000000
#define READ_BYTES 65536

enum { POLL_END, POLL_OUTPUT, POLL_ERRORS, POLLS };

struct watch {
    struct child child;
    const struct run_limits *limits;
    struct run_outcome *outcome;
    struct complaint complaint;
    struct pollfd polls[POLLS];
    int64_t start_ns;
    int64_t memory_check_ns;
    bool over;
};

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * SECOND_NS + now.tv_nsec;
}

static void end_watch(struct watch *watch, enum run_end end)
{
    if (!watch->over) {
        watch->outcome->end = end;
        watch->over = true;
    }
}

static void keep_output(struct watch *watch, const char *bytes, size_t count)
{
    struct run_outcome *outcome = watch->outcome;
    size_t room = watch->limits->output_bytes - outcome->output_bytes;
    if (count > room) {
        outcome->end = RUN_FLOOD; /* also if it has exited meanwhile: its output is not whole */
        watch->over = true;
        watch->polls[POLL_OUTPUT].fd = -1;
        return;
    }
    outcome->output = alloc_resize(outcome->output, outcome->output_bytes + count + 1);
    memcpy(outcome->output + outcome->output_bytes, bytes, count);
    outcome->output_bytes += count;
    outcome->output[outcome->output_bytes] = '\0';
}

/* Reads what is there from one of the pipes. Returns whether there may be more. */
static bool read_pipe(struct watch *watch, int which)
{
    char bytes[READ_BYTES];
    struct pollfd *poll = &watch->polls[which];
    if (poll->fd < 0) {
        return false;
    }
    ssize_t count = read(poll->fd, bytes, sizeof bytes);
    if (count < 0) {
        return errno == EINTR;
    }
    if (count == 0) {
        poll->fd = -1;
        return false;
    }
    if (which == POLL_OUTPUT) {
        keep_output(watch, bytes, (size_t)count);
    } else {
        complaint_add(&watch->complaint, bytes, (size_t)count);
    }
    return true;
}

static size_t resident_bytes(pid_t pid)
{
    char path[64];
    unsigned long pages = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return 0;
    }
    if (fscanf(file, "%*u %lu", &pages) != 1) {
        pages = 0;
    }
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void check_memory(struct watch *watch, int64_t now)
{
    if (watch->limits->memory_bytes == 0 || now < watch->memory_check_ns) {
        return;
    }
    watch->memory_check_ns = now + MEMORY_CHECK_NS;
    if (resident_bytes(watch->child.pid) > watch->limits->memory_bytes) {
        end_watch(watch, RUN_OOM);
    }
}

static struct timespec time_left(const struct watch *watch, int64_t now)
{
    int64_t until = watch->start_ns + watch->limits->deadline_ns;
    if (watch->limits->memory_bytes > 0 && watch->memory_check_ns < until) {
        until = watch->memory_check_ns;
    }
    int64_t left = until > now ? until - now : 0;
    return (struct timespec){.tv_sec = left / SECOND_NS, .tv_nsec = left % SECOND_NS};
}

static void wait_for_something(struct watch *watch)
{
    struct timespec left = time_left(watch, now_ns());
    int ready = ppoll(watch->polls, POLLS, &left, signals_mask());
    int64_t now = now_ns();
    if (ready > 0) {
        read_pipe(watch, POLL_OUTPUT);
        read_pipe(watch, POLL_ERRORS);
        if (watch->polls[POLL_END].revents != 0) {
            end_watch(watch, RUN_EXITED);
        }
    }
    if (signals_interrupted()) {
        end_watch(watch, RUN_INTERRUPTED);
    }
    if (now - watch->start_ns >= watch->limits->deadline_ns) {
        end_watch(watch, RUN_TIMEOUT);
    }
    check_memory(watch, now);
}

/* How often the kernel has killed a process for want of memory, machine-wide. */
static unsigned long long kernel_oom_kills(void)
{
    char name[64];
    unsigned long long value = 0;
    unsigned long long kills = 0;
    FILE *file = fopen("/proc/vmstat", "re");
    if (file == NULL) {
        return 0;
    }
    while (fscanf(file, "%63s %llu", name, &value) == 2) {
        kills = strcmp(name, "oom_kill") == 0 ? value : kills;
    }
    fclose(file);
    return kills;
}

static void judge_wait_status(struct run_outcome *outcome, int status, bool kernel_killed)
{
    if (outcome->end != RUN_EXITED) {
        return;
    }
    if (!WIFSIGNALED(status)) {
        outcome->code = WEXITSTATUS(status);
        return;
    }
    outcome->code = WTERMSIG(status);
    outcome->end = outcome->code == SIGKILL && kernel_killed ? RUN_OOM : RUN_SIGNALLED;
}

/* Of a child that has ended but was not reaped. */
static long long migrations_of(pid_t pid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/sched", (int)pid);
    return textfile_value_number(path, "se.nr_migrations", -1);
}

/* The second number of schedstat, likewise. */
static long long waited_ns_of(pid_t pid)
{
    char path[64];
    char line[128];
    long long waited = -1;
    snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
    return textfile_line(path, line, sizeof line) && sscanf(line, "%*d %lld", &waited) == 1 ? waited
                                                                                            : -1;
}

/* Reads what is left in the pipes. Bounded, for one who left the group may still be writing. */
static void drain(struct watch *watch)
{
    size_t reads = 2 + 2 * watch->limits->output_bytes / READ_BYTES;
    while (reads > 0 && (read_pipe(watch, POLL_OUTPUT) || read_pipe(watch, POLL_ERRORS))) {
        reads--;
    }
}

int runner_run(const struct child_setup *setup, const struct run_limits *limits,
               struct run_outcome *outcome)
{
    struct watch watch = {.limits = limits, .outcome = outcome, .start_ns = now_ns()};
    unsigned long long kills = kernel_oom_kills();
    *outcome = (struct run_outcome){.end = RUN_EXITED};
    int status = child_start(setup, &watch.child);
    if (status < 0) {
        return status;
    }
    keep_output(&watch, "", 0);
    watch.polls[POLL_END] = (struct pollfd){.fd = watch.child.pidfd, .events = POLLIN};
    watch.polls[POLL_OUTPUT] = (struct pollfd){.fd = watch.child.output, .events = POLLIN};
    watch.polls[POLL_ERRORS] = (struct pollfd){.fd = watch.child.errors, .events = POLLIN};
    while (!watch.over) {
        wait_for_something(&watch);
    }
    outcome->elapsed_ns = now_ns() - watch.start_ns;
    child_kill(&watch.child); /* first, so that nobody keeps on writing */
    drain(&watch);
    outcome->migrations = migrations_of(watch.child.pid);
    outcome->waited_ns = waited_ns_of(watch.child.pid);
    int wait_status = child_finish(&watch.child);
    judge_wait_status(outcome, wait_status, kernel_oom_kills() > kills);
    complaint_line(&watch.complaint, outcome->complaint, sizeof outcome->complaint);
    return 0;
}

void run_outcome_destroy(struct run_outcome *outcome)
{
    free(outcome->output);
    *outcome = (struct run_outcome){.end = RUN_EXITED};
}
