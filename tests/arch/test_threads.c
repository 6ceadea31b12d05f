/* test_threads.c - the switch seen from other threads. */
#include <pthread.h>
#include <string.h>

#include "base/spin.h"
#include "context.h"
#include "expect.h"
#include "fill.h"
#include "suites.h"

#define ROUNDS 5000

static struct context home;
static struct context other;

/* --- a watcher sees saved registers as soon as the words are zero ----------------------------- */

static _Atomic uint32_t shared_lock;
static _Atomic uint32_t checked; /* rounds that the watcher has looked at */
static _Atomic uint32_t started; /* rounds that are set up */
static unsigned not_saved;
static unsigned wrong_order;

static void wait_for(_Atomic uint32_t *word, uint32_t value)
{
    uint32_t rounds = 0;
    while (load_acquire(word) != value) {
        spin_wait(&rounds);
    }
}

/* The pattern of this round is in the saved frame, wherever in it. */
static bool frame_holds(const uint64_t *sp, uint64_t pattern)
{
    for (unsigned i = 0; sp != NULL && i < CALLEE_SAVED + 2; i++) {
        if (sp[i] == pattern) {
            return true;
        }
    }
    return false;
}

static void *watch(void *unused)
{
    (void)unused;
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        wait_for(&started, round);
        if (round % 2 == 0) {
            wait_for(&shared_lock, 0);
            not_saved += !frame_holds(home.task.sp, round);
        }
        wait_for(&context_proc.in_section, 0);
        not_saved += !frame_holds(home.task.sp, round);
        wrong_order += load_relaxed(&shared_lock) != 0;
        wrong_order += context_proc.release != &context_proc.in_section;
        store_release(&checked, round);
    }
    return NULL;
}

static void answer(struct context *self)
{
    for (uint32_t round = 1;; round++) {
        wait_for(&checked, round);
        if (round == ROUNDS) {
            return;
        }
        context_switch(self, &home);
    }
}

static int switch_filled(void *from, void *to, void *proc)
{
    return sy_switch(from, to, proc);
}

static void go_round(uint32_t round)
{
    uint64_t pattern[CALLEE_SAVED];
    uint64_t after[CALLEE_SAVED];
    for (unsigned i = 0; i < CALLEE_SAVED; i++) {
        pattern[i] = round;
    }
    home.task.sp = NULL;
    store_relaxed(&shared_lock, 1);
    store_relaxed(&context_proc.in_section, 1);
    context_proc.release = &shared_lock;
    store_release(&started, round);
    fill_call(pattern, after, switch_filled, &home.task, &other.task, &context_proc);
}

static void test_other_thread_never_sees_half_a_context(void)
{
    pthread_t watcher;
    context_proc_init(&context_proc);
    context_init(&other, answer, arch_control_words());
    other.back = &home;
    EXPECT(pthread_create(&watcher, NULL, watch, NULL) == 0);
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        go_round(round);
    }
    pthread_join(watcher, NULL);
    EXPECT(not_saved == 0);
    EXPECT(wrong_order == 0);
    context_destroy(&other);
}

/* --- a context that goes on in another thread --------------------------------------------------
 */

static struct proc first_proc;
static struct proc second_proc;
static struct context second_home;
static struct proc *seen[3];

static void migrating_body(struct context *self)
{
    seen[0] = proc_self();
    context_switch(self, &home);
    seen[1] = proc_self();
    context_switch(self, &second_home);
    seen[2] = proc_self();
}

static void *run_second(void *unused)
{
    (void)unused;
    proc_current = &second_proc;
    context_switch(&second_home, &other);
    return NULL;
}

static void test_proc_self_follows_the_thread(void)
{
    pthread_t second;
    context_proc_init(&context_proc);
    EXPECT(proc_self() == &proc_nobody);
    proc_current = &first_proc;
    context_init(&other, migrating_body, arch_control_words());
    other.back = &home;
    context_switch(&home, &other);
    EXPECT(pthread_create(&second, NULL, run_second, NULL) == 0);
    pthread_join(second, NULL);
    context_switch(&home, &other);
    EXPECT(seen[0] == &first_proc);
    EXPECT(seen[1] == &second_proc);
    EXPECT(seen[2] == &first_proc);
    proc_current = &proc_nobody;
    context_destroy(&other);
}

void test_threads(void)
{
    test_other_thread_never_sees_half_a_context();
    test_proc_self_follows_the_thread();
}
