/* child.c - see child.h.
 *
 * Nothing outlives a trial: the group is killed before its leader is reaped (so the number cannot
 * have been reused), and whoever left the group is adopted by the harness (PR_SET_CHILD_SUBREAPER)
 * and killed too. If the harness itself is killed, PR_SET_PDEATHSIG kills the worker.
 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc.h"
#include "signals.h"

/* Rounds of killing orphans: each round ends one generation of a family that went on forking. */
#define ORPHAN_ROUNDS 1000
#define ORPHANS_AT_ONCE 256
#define STRANGERS_MAX 64

struct pipes {
    int output[2];
    int errors[2];
    int failure[2]; /* carries errno if exec fails, closes if it succeeds */
};

/* Children that this process had before it started any itself: a shell that became us by exec may
 * have left some. They are not ours to kill. Written once, before the first child. */
static pid_t strangers[STRANGERS_MAX];
static int stranger_count;

/* The next child in the list, or 0 at its end. */
static pid_t next_child(FILE *file)
{
    long pid = 0;
    return fscanf(file, "%ld", &pid) == 1 ? (pid_t)pid : 0;
}

static bool is_stranger(pid_t pid)
{
    for (int i = 0; i < stranger_count; i++) {
        if (strangers[i] == pid) {
            return true;
        }
    }
    return false;
}

void child_adopt_orphans(void)
{
    pid_t pid = 0;
    FILE *file = fopen("/proc/thread-self/children", "re");
    while (file != NULL && stranger_count < STRANGERS_MAX && (pid = next_child(file)) != 0) {
        strangers[stranger_count++] = pid;
    }
    if (file != NULL) {
        fclose(file);
    }
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static void write_own_file(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file >= 0) {
        if (write(file, text, strlen(text)) < 0) {
            /* Only a courtesy to the machine; the trial goes on without. */
        }
        close(file);
    }
}

/* What a trial does depends on its cell alone, which is recorded; not on what the caller's shell
 * had for programs of its own. A setting of the techniques (SWITCHYARD_TUNE) is told by the trial
 * and refused if it is not the cell's. */
static void forget_settings(void)
{
    static const char *const names[] = {
        "SWITCHYARD_PROCS", "SWITCHYARD_STACK", "SWITCHYARD_DEBUG", "GOMAXPROCS", "GOGC",
        "GOMEMLIMIT",       "GODEBUG",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        unsetenv(names[i]);
    }
}

static void pad_environment(size_t bytes)
{
    char *padding = alloc_array(bytes + 1, 1);
    memset(padding, 'x', bytes);
    setenv("SWITCHYARD_PADDING", padding, 1);
    free(padding);
}

static int redirect(const struct pipes *pipes)
{
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 ||
        dup2(pipes->output[1], STDOUT_FILENO) < 0 || dup2(pipes->errors[1], STDERR_FILENO) < 0) {
        return -errno;
    }
    return 0;
}

static int prepare(const struct child_setup *setup, const struct pipes *pipes)
{
    struct rlimit no_core = {0, 0};
    int status = redirect(pipes);
    if (status < 0) {
        return status;
    }
    setrlimit(RLIMIT_CORE, &no_core);
    write_own_file("/proc/self/oom_score_adj", "1000");
    forget_settings();
    pad_environment(setup->padding_bytes);
    if (setup->cpus != NULL &&
        hwloc_set_cpubind(setup->topology, setup->cpus, HWLOC_CPUBIND_PROCESS) != 0) {
        return -errno;
    }
    signals_reset();
    return 0;
}

/* In the child. The harness has one thread, so anything may be called between fork and exec. */
static _Noreturn void become_program(const struct child_setup *setup, const struct pipes *pipes,
                                     pid_t harness)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != harness) {
        _exit(EXIT_FAILURE); /* the harness died before the line above */
    }
    setsid();
    int status = prepare(setup, pipes);
    if (status == 0) {
        execv(setup->argv[0], setup->argv);
        status = -errno;
    }
    if (write(pipes->failure[1], &status, sizeof status) < 0) {
        /* The harness is gone. */
    }
    _exit(EXIT_FAILURE);
}

static void close_pipe(int ends[2])
{
    for (int i = 0; i < 2; i++) {
        if (ends[i] >= 0) {
            close(ends[i]);
        }
    }
}

static void close_pipes(struct pipes *pipes)
{
    close_pipe(pipes->output);
    close_pipe(pipes->errors);
    close_pipe(pipes->failure);
}

static int open_pipes(struct pipes *pipes)
{
    *pipes = (struct pipes){{-1, -1}, {-1, -1}, {-1, -1}};
    if (pipe2(pipes->output, O_CLOEXEC) != 0 || pipe2(pipes->errors, O_CLOEXEC) != 0 ||
        pipe2(pipes->failure, O_CLOEXEC) != 0 ||
        fcntl(pipes->output[0], F_SETFL, O_NONBLOCK) != 0 ||
        fcntl(pipes->errors[0], F_SETFL, O_NONBLOCK) != 0) {
        int status = -errno;
        close_pipes(pipes);
        return status;
    }
    return 0;
}

static void close_end(int *end)
{
    close(*end);
    *end = -1;
}

/* 0 once exec has succeeded, else why it has not. */
static int exec_status(int failure)
{
    int status = 0;
    ssize_t bytes;
    do {
        bytes = read(failure, &status, sizeof status);
    } while (bytes < 0 && errno == EINTR);
    return bytes == (ssize_t)sizeof status ? status : 0;
}

int child_start(const struct child_setup *setup, struct child *child)
{
    struct pipes pipes;
    pid_t harness = getpid();
    int status = open_pipes(&pipes);
    if (status < 0) {
        return status;
    }
    pid_t pid = fork();
    if (pid == 0) {
        become_program(setup, &pipes, harness);
    }
    if (pid < 0) {
        status = -errno;
        close_pipes(&pipes);
        return status;
    }
    close_end(&pipes.output[1]);
    close_end(&pipes.errors[1]);
    close_end(&pipes.failure[1]);
    status = exec_status(pipes.failure[0]);
    close_end(&pipes.failure[0]);
    *child = (struct child){.pid = pid, .output = pipes.output[0], .errors = pipes.errors[0]};
    child->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (status == 0 && child->pidfd < 0) {
        status = -errno;
    }
    if (status < 0) {
        child_kill(child);
        child_finish(child);
    }
    return status;
}

void child_kill(const struct child *child)
{
    kill(-child->pid, SIGKILL);
    kill(child->pid, SIGKILL); /* it may not have reached setsid */
}

/* Kills and reaps the harness's present children; returns how many there were. */
static int kill_orphans(void)
{
    pid_t killed[ORPHANS_AT_ONCE];
    int count = 0;
    pid_t pid = 0;
    FILE *file = fopen("/proc/thread-self/children", "re");
    if (file == NULL) {
        return 0; /* kernel without it: the process group has to do */
    }
    while (count < ORPHANS_AT_ONCE && (pid = next_child(file)) != 0) {
        if (!is_stranger(pid)) {
            kill(pid, SIGKILL);
            killed[count++] = pid;
        }
    }
    fclose(file);
    for (int i = 0; i < count; i++) {
        waitpid(killed[i], NULL, 0);
    }
    return count;
}

static int reap(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

int child_finish(struct child *child)
{
    int status = reap(child->pid);
    for (int round = 0; round < ORPHAN_ROUNDS && kill_orphans() > 0; round++) {
    }
    close(child->output);
    close(child->errors);
    if (child->pidfd >= 0) {
        close(child->pidfd);
    }
    return status;
}
