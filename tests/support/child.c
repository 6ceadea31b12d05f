/* child.c - see child.h. */
#include "support/child.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <switchyard/task.h>

static _Noreturn void become_child(int stderr_fd, void (*body)(void *arg), void *arg)
{
    struct rlimit core = {0};
    getrlimit(RLIMIT_CORE, &core);
    core.rlim_cur = 0; /* who wants one may raise it again */
    setrlimit(RLIMIT_CORE, &core);
    dup2(stderr_fd, STDERR_FILENO);
    close(stderr_fd);
    body(arg);
    _exit(0);
}

/* Reads to the end; what does not fit is read and dropped, so that the child never waits. */
static void read_all(int fd, char *text, size_t bytes)
{
    char dropped[4096];
    size_t used = 0;
    for (;;) {
        size_t room = bytes - 1 - used;
        ssize_t got = read(fd, room > 0 ? text + used : dropped, room > 0 ? room : sizeof dropped);
        if (got == 0 || (got < 0 && errno != EINTR)) {
            break;
        }
        used += got > 0 && room > 0 ? (size_t)got : 0;
    }
    text[used] = '\0';
}

void child_run(struct child *child, void (*body)(void *arg), void *arg)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    pid_t id = fork();
    ck_assert_int_ge(id, 0);
    if (id == 0) {
        close(ends[0]);
        become_child(ends[1], body, arg);
    }
    close(ends[1]);
    read_all(ends[0], child->text, sizeof child->text);
    close(ends[0]);
    ck_assert_int_eq(waitpid(id, &child->status, 0), id);
}

struct task_body {
    int (*main_fn)(void *arg);
    void *arg;
};

static void run_body(void *arg)
{
    struct task_body *body = arg;
    struct sy_config config = {.procs = 1};
    (void)sy_run(&config, body->main_fn, body->arg);
}

void child_assert_fatal(int (*main_fn)(void *arg), void *arg, const char *line)
{
    static struct child child;
    struct task_body body = {.main_fn = main_fn, .arg = arg};
    child_run(&child, run_body, &body);
    ck_assert_str_eq(child.text, line);
    ck_assert_msg(WIFEXITED(child.status), "the child was killed by signal %d",
                  WTERMSIG(child.status));
    ck_assert_int_eq(WEXITSTATUS(child.status), 2);
}
