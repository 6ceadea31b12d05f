/* stuck.c - the program of docs/debugging.md: two tasks that each hold a mutex and wait for the
 * other's, and one that waits for a message. Its argument says what the first task does then. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

/* Not static, so that backtraces show their names. */
void *lock_both(void *arg);
void *receive(void *arg);
void *end_at_once(void *arg);
void look_here(void);
void spawn_stuck_tasks(sy_task *left);
int run(void *arg);

enum { TURNS = 100 }; /* on one proc all have come to their waits long before */

static sy_mutex mutexes[2];
static sy_chan chan;

void *lock_both(void *arg)
{
    uintptr_t first = (uintptr_t)arg;
    (void)sy_mutex_lock(&mutexes[first]);
    sy_yield(); /* the other one locks its own */
    (void)sy_mutex_lock(&mutexes[1 - first]);
    return NULL;
}

void *receive(void *arg)
{
    (void)sy_chan_recv(chan, NULL);
    return arg;
}

void *end_at_once(void *arg)
{
    return arg;
}

/* Where the debugger stops. */
__attribute__((noinline)) void look_here(void)
{
    __asm__ volatile("");
}

__attribute__((noinline)) void spawn_stuck_tasks(sy_task *left)
{
    sy_task task;
    (void)sy_chan_new(&chan, 0, 0);
    (void)sy_spawn(left, lock_both, (void *)0);
    (void)sy_task_set_name(*left, "left");
    (void)sy_spawn(&task, lock_both, (void *)1);
    (void)sy_task_set_name(task, "right");
    (void)sy_spawn(&task, receive, NULL);
    (void)sy_task_set_name(task, "receiver");
    for (int i = 0; i < TURNS; i++) {
        sy_yield();
    }
}

int run(void *arg)
{
    const char *what = arg;
    sy_task task;
    (void)sy_task_set_name(sy_self(), "main");
    if (strcmp(what, "leak") == 0) {
        (void)sy_spawn(&task, end_at_once, NULL);
        (void)sy_task_set_name(task, "forgotten");
        return 0;
    }
    if (strcmp(what, "sleep") == 0) {
        return sy_sleep(SY_SECOND / 2);
    }
    spawn_stuck_tasks(&task);
    if (strcmp(what, "deadlock") == 0) {
        return sy_join(task, NULL);
    }
    if (strcmp(what, "dump") == 0) {
        (void)sy_dump(STDERR_FILENO);
    }
    look_here();
    _exit(0); /* the others wait for ever */
}

int main(int count, char **words)
{
    struct sy_config config = {.procs = 1};
    if (count != 2) {
        fprintf(stderr, "usage: stuck deadlock|dump|stop|leak|sleep\n");
        return 1;
    }
    return sy_run(&config, run, words[1]);
}
