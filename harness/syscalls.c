/* syscalls.c - see syscalls.h and ptrace(2).
 *
 * Every task stops when it enters a call and when it leaves it; the kernel says which
 * (PTRACE_GET_SYSCALL_INFO), so nothing has to be remembered of a task. Stopping changes when the
 * threads run, not what one thread calls.
 */
#include "syscalls.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALL_STOP (SIGTRAP | 0x80) /* as PTRACE_O_TRACESYSGOOD marks it */
#define EXIT_NOT_EXECUTED 127

static _Noreturn void become_tracee(char *const *argv)
{
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0) {
        raise(SIGSTOP); /* until the tracer has set its options */
        execv(argv[0], argv);
    }
    _exit(EXIT_NOT_EXECUTED);
}

static bool enters_call(pid_t pid)
{
    struct __ptrace_syscall_info info;
    return ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof info, &info) > 0 &&
           info.op == PTRACE_SYSCALL_INFO_ENTRY;
}

/* The signal to hand on to a stopped task: what stopped it, unless the stop is the tracer's. */
static int signal_of_stop(int status)
{
    int signal = WSTOPSIG(status);
    bool event = status >> 16 != 0; /* a clone, fork or exec */
    return event || signal == CALL_STOP || signal == SIGSTOP ? 0 : signal;
}

static int trace(pid_t first, uint64_t *calls, int *wait_status)
{
    const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                         PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    bool executed = false;
    int status = 0;
    pid_t pid = waitpid(first, &status, 0);
    if (pid < 0 || !WIFSTOPPED(status) ||
        ptrace(PTRACE_SETOPTIONS, first, NULL, (void *)options) != 0) {
        return -EPERM;
    }
    ptrace(PTRACE_SYSCALL, first, NULL, NULL);
    while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
        if (pid > 0 && WIFSTOPPED(status)) {
            executed = executed || status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8);
            *calls += executed && WSTOPSIG(status) == CALL_STOP && enters_call(pid);
            ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)signal_of_stop(status));
        } else if (pid == first) {
            *wait_status = status;
        }
    }
    return executed ? 0 : -ENOEXEC;
}

int syscalls_count(char *const *argv, uint64_t *calls, int *wait_status)
{
    *calls = 0;
    *wait_status = 0;
    if (access(argv[0], X_OK) != 0) {
        return -errno;
    }
    pid_t pid = fork();
    if (pid == 0) {
        become_tracee(argv);
    }
    if (pid < 0) {
        return -errno;
    }
    int status = trace(pid, calls, wait_status);
    kill(pid, SIGKILL); /* harmless if it has ended: nobody reaped its number since */
    return status;
}
