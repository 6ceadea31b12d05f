/* test_runtime_hibernate_faults.c - where stacks hibernate, faults that are no touch of a cold
 * stack keep their meaning. Method: children that die of them. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hibernation.h"
#include "support/child.h"
#include "support/suite_main.h"

static sy_chan gate;

static void *sleep_on(void *arg)
{
    char bytes[200];
    *(char **)arg = bytes;
    sy_chan_recv(gate, NULL);
    return arg;
}

/* A cold task, and where its stack is. */
static void lay_to_sleep(char **stack)
{
    sy_task task;
    (void)sy_chan_new(&gate, 0, 0);
    (void)sy_spawn(&task, sleep_on, stack);
    await_cold(task);
}

static volatile bool endless = true; /* volatile, so that no compiler sees the end */

static int descend(int depth)
{
    volatile char frame[200];
    frame[0] = (char)depth;
    return endless ? descend(depth + 1) + frame[0] : depth;
}

static int overflow(void *arg)
{
    char *stack = NULL;
    (void)arg;
    lay_to_sleep(&stack);
    return descend(0);
}

static int write_nowhere(void *arg)
{
    volatile char *volatile nowhere = arg; /* NULL, which the compiler must not know */
    nowhere[64] = 1;
    return 0;
}

static int write_to_text(void *arg)
{
    (void)arg;
    void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *(volatile char *)page = 1;
    return 0;
}

static int read_beyond_file(void *arg)
{
    int file = memfd_create("empty", MFD_CLOEXEC);
    (void)arg;
    const volatile char *page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0);
    return page[0];
}

static int raise_bus(void *arg)
{
    (void)arg;
    raise(SIGBUS);
    return 0;
}

static int jump_to_stack(void *arg)
{
    char *stack = NULL;
    void (*code)(void) = NULL;
    (void)arg;
    lay_to_sleep(&stack);
    memcpy(&code, &stack, sizeof code);
    code();
    return 0;
}

static const struct {
    int (*main_fn)(void *arg);
    int signal;
    const char *text;
} ends[] = {
    {overflow, SIGSEGV, "fatal error: stack overflow in task 1 "},
    {write_nowhere, SIGSEGV, ""},
    {write_to_text, SIGSEGV, ""},
    {read_beyond_file, SIGBUS, ""},
    {raise_bus, SIGBUS, ""},
    {jump_to_stack, SIGSEGV, ""},
};

static void run_to_end(void *arg)
{
    struct sy_config config = {
        .procs = 2, .stack_policy = SY_STACK_HIBERNATE, .cold_after = SY_MILLISECOND};
    _exit(sy_run(&config, ends[*(int *)arg].main_fn, NULL));
}

/* Goal: faults that are no touch end the program as ever. */
START_TEST(test_hibernate_other_faults)
{
    static struct child child;
    int number = _i;
    child_run(&child, run_to_end, &number);
    ck_assert_msg(WIFSIGNALED(child.status), "it exited with %d: %s", WEXITSTATUS(child.status),
                  child.text);
    ck_assert_int_eq(WTERMSIG(child.status), ends[_i].signal);
    ck_assert_msg(strncmp(child.text, ends[_i].text, strlen(ends[_i].text)) == 0, "it says %s",
                  child.text);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_hibernate_faults");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_hibernate_other_faults, 0, sizeof ends / sizeof ends[0]);
    return suite_main("runtime_hibernate_faults", tests);
}
