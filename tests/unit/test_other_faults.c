/* test_other_faults.c - a SIGSEGV that is not the runtime's keeps its meaning, whoever causes it: a
 * task, or a thread of the program that is none; with stacks that hibernate, too. Method: a child
 * does it; the parent looks how it ended, and at its stderr. */
#include <dirent.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "support/child.h"
#include "support/suite_main.h"

enum { PAGE = 4096, GOT_IT = 7, WRONG_PLACE = 8, WENT_ON = 9, MENDED = 10, LEFT = 11 };

static char *page; /* to be read only */

/* --- who does it ------------------------------------------------------------------------------ */

struct scene {
    void (*deed)(void);
    bool by_thread;
    uint32_t policy;
};

static sem_t begin;

static void *do_in_task(void *arg)
{
    const struct scene *scene = arg;
    scene->deed();
    return NULL;
}

static void *do_in_thread(void *arg)
{
    (void)sem_wait(&begin);
    return do_in_task(arg);
}

static void *await_thread(void *thread)
{
    (void)sem_post(&begin);
    (void)pthread_join(*(pthread_t *)thread, NULL);
    return NULL;
}

static pthread_t thread; /* made before the runtime starts */

static int play(void *arg)
{
    const struct scene *scene = arg;
    sy_task task;
    if (scene->by_thread) {
        sy_blocking(await_thread, &thread);
    } else {
        (void)sy_spawn(&task, do_in_task, arg);
        (void)sy_join(task, NULL);
    }
    return WENT_ON;
}

static void run_scene(void *arg)
{
    const struct scene *scene = arg;
    struct sy_config config = {.procs = 2, .max_tasks = 64, .stack_policy = scene->policy};
    (void)sem_init(&begin, 0, 0);
    if (scene->by_thread && pthread_create(&thread, NULL, do_in_thread, arg) != 0) {
        _exit(1);
    }
    _exit(sy_run(&config, play, arg));
}

static struct child child;

/* Runs the deed by a task or a thread, under a policy: four ways, by number. */
static void run_deed(int way, void (*deed)(void))
{
    struct scene scene = {.deed = deed,
                          .by_thread = way % 2 == 1,
                          .policy = way < 2 ? SY_STACK_LAZY : SY_STACK_HIBERNATE};
    page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    child_run(&child, run_scene, &scene);
    munmap(page, PAGE);
}

enum { WAYS = 4 };

/* --- what is done ----------------------------------------------------------------------------- */

static void write_to_nowhere(void)
{
    volatile char *volatile nowhere = (char *)16;
    *nowhere = 1;
}

static void write_to_page(void)
{
    *(volatile char *)page = 1;
}

static void raise_it(void)
{
    raise(SIGSEGV);
}

static void (*const deeds[])(void) = {write_to_nowhere, write_to_page, raise_it};

enum { DEEDS = sizeof deeds / sizeof deeds[0] };

static void assert_killed(void)
{
    ck_assert_msg(WIFSIGNALED(child.status), "it exited with %d: %s", WEXITSTATUS(child.status),
                  child.text);
    ck_assert_int_eq(WTERMSIG(child.status), SIGSEGV);
}

static void assert_exited(int status)
{
    ck_assert_msg(WIFEXITED(child.status), "it was killed by %d: %s", WTERMSIG(child.status),
                  child.text);
    ck_assert_int_eq(WEXITSTATUS(child.status), status);
    ck_assert_str_eq(child.text, "");
}

/* --- the default action ----------------------------------------------------------------------- */

/* Goal: without a handler the process dies of the signal, in silence. */
START_TEST(test_other_faults_kill)
{
    run_deed(_i % WAYS, deeds[_i / WAYS]);
    assert_killed();
    ck_assert_str_eq(child.text, "");
}
END_TEST

/* --- a handler of the program ----------------------------------------------------------------- */

static void install(void (*handler)(int, siginfo_t *, void *), int flags)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
    sigaction(SIGSEGV, &action, NULL);
}

static void exit_plainly(int signal)
{
    _exit(signal == SIGSEGV ? GOT_IT : WRONG_PLACE);
}

/* Goal: a handler from before sy_run gets it, even if the signal is only sent. */
START_TEST(test_other_faults_go_to_handler)
{
    signal(SIGSEGV, exit_plainly);
    run_deed(_i % WAYS, deeds[_i / WAYS]);
    assert_exited(GOT_IT);
}
END_TEST

static bool is_blocked(int signal)
{
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    return sigismember(&mask, signal) == 1;
}

/* The mask is that of the handler, not of the runtime's. */
static void exit_if_at_page(int signal, siginfo_t *info, void *context)
{
    bool right = signal == SIGSEGV && info->si_addr == page && info->si_code == SEGV_ACCERR &&
                 context != NULL && is_blocked(SIGSEGV) && !is_blocked(SIGUSR1);
    _exit(right ? GOT_IT : WRONG_PLACE);
}

/* Goal: it is told the address and the code of the fault, and runs with its own mask. */
START_TEST(test_other_faults_tell_handler_where)
{
    install(exit_if_at_page, 0);
    run_deed(_i, write_to_page);
    assert_exited(GOT_IT);
}
END_TEST

static void mend(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)context;
    if (info->si_addr != page || mprotect(page, PAGE, PROT_READ | PROT_WRITE) != 0) {
        _exit(WRONG_PLACE);
    }
}

static void write_twice(void)
{
    for (int i = 0; i < 2; i++) {
        write_to_page();
        if (*page != 1 || mprotect(page, PAGE, PROT_READ) != 0) {
            _exit(WRONG_PLACE);
        }
    }
    _exit(MENDED);
}

/* Goal: a handler that mends what is wrong may return, each time. */
START_TEST(test_other_faults_mended_by_handler)
{
    install(mend, 0);
    run_deed(_i, write_twice);
    assert_exited(MENDED);
}
END_TEST

static volatile bool endless = true; /* volatile, so that no compiler sees the end */

static int descend(int depth)
{
    volatile char frame[200];
    frame[0] = (char)depth;
    return endless ? descend(depth + 1) + frame[0] : depth;
}

static void write_then_overflow(void)
{
    write_to_page();
    (void)descend(0);
}

/* Goal: after that, an overflow is still reported. */
START_TEST(test_other_faults_mended_then_overflow)
{
    install(mend, 0);
    run_deed(2 * _i, write_then_overflow);
    assert_killed();
    ck_assert_msg(strncmp(child.text, "fatal error: stack overflow in task ", 36) == 0, "%s",
                  child.text);
}
END_TEST

static sigjmp_buf outside;

static void jump(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)info;
    (void)context;
    siglongjmp(outside, 1);
}

static void leave_by_jump(void)
{
    volatile int rounds = 0;
    (void)sigsetjmp(outside, 1);
    if (rounds++ < 3) {
        write_to_page();
    }
    _exit(is_blocked(SIGSEGV) ? WRONG_PLACE : LEFT);
}

/* Goal: a handler may leave by siglongjmp, again and again. */
START_TEST(test_other_faults_left_by_jump)
{
    install(jump, 0);
    run_deed(_i, leave_by_jump);
    assert_exited(LEFT);
}
END_TEST

static void say_once(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)info;
    (void)context;
    (void)!write(STDERR_FILENO, "once\n", 5);
}

/* Goal: SA_RESETHAND: the second fault has the default action. */
START_TEST(test_other_faults_handler_for_one)
{
    install(say_once, (int)SA_RESETHAND);
    run_deed(_i, write_to_page);
    assert_killed();
    ck_assert_str_eq(child.text, "once\n");
}
END_TEST

static void raise_and_end(void)
{
    raise(SIGSEGV);
    _exit(GOT_IT);
}

/* Goal: an ignored signal is ignored if it was sent; no fault can be ignored. */
START_TEST(test_other_faults_ignored)
{
    signal(SIGSEGV, SIG_IGN);
    run_deed(_i, raise_and_end);
    assert_exited(GOT_IT);
    run_deed(_i, write_to_page);
    assert_killed();
}
END_TEST

/* --- core dumps ------------------------------------------------------------------------------- */

/* True if the kernel writes cores as plain files into the working directory. */
static bool has_plain_cores(void)
{
    char pattern[128] = "|";
    FILE *file = fopen("/proc/sys/kernel/core_pattern", "re");
    if (file != NULL && fgets(pattern, sizeof pattern, file) == NULL) {
        pattern[0] = '|';
    }
    if (file != NULL) {
        fclose(file);
    }
    return strncmp(pattern, "core", 4) == 0;
}

static void fault_with_core(void)
{
    struct rlimit core;
    getrlimit(RLIMIT_CORE, &core);
    core.rlim_cur = core.rlim_max;
    setrlimit(RLIMIT_CORE, &core);
    write_to_nowhere();
}

/* The files there that are called core or core.N; removes them, and the folder. */
static int remove_cores(const char *folder)
{
    int found = 0;
    DIR *entries = opendir(folder);
    const struct dirent *entry = NULL;
    ck_assert_ptr_nonnull(entries);
    while ((entry = readdir(entries)) != NULL) {
        char path[512];
        if (strncmp(entry->d_name, "core", 4) == 0) {
            (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            found += unlink(path) == 0;
        }
    }
    closedir(entries);
    ck_assert_int_eq(rmdir(folder), 0);
    return found;
}

/* Goal: a core is dumped where the system wants that. */
START_TEST(test_other_faults_dump_core)
{
    char folder[] = "/tmp/switchyard-core-XXXXXX";
    struct rlimit core;
    getrlimit(RLIMIT_CORE, &core);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    run_deed(_i, fault_with_core);
    int found = remove_cores(folder);
    assert_killed();
    if (core.rlim_max == RLIM_INFINITY && has_plain_cores()) {
        ck_assert(WCOREDUMP(child.status));
        ck_assert_int_eq(found, 1);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("other_faults");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_other_faults_kill, 0, WAYS * DEEDS);
    tcase_add_loop_test(tests, test_other_faults_go_to_handler, 0, WAYS * DEEDS);
    tcase_add_loop_test(tests, test_other_faults_tell_handler_where, 0, WAYS);
    tcase_add_loop_test(tests, test_other_faults_mended_by_handler, 0, WAYS);
    tcase_add_loop_test(tests, test_other_faults_mended_then_overflow, 0, 2);
    tcase_add_loop_test(tests, test_other_faults_left_by_jump, 0, WAYS);
    tcase_add_loop_test(tests, test_other_faults_handler_for_one, 0, WAYS);
    tcase_add_loop_test(tests, test_other_faults_ignored, 0, WAYS);
    tcase_add_loop_test(tests, test_other_faults_dump_core, 0, WAYS);
    return suite_main("other_faults", tests);
}
