/* test_runtime_watch.c - what the watch finds with one look at a proc. Method: direct calls, with
 * procs that no worker holds; so nothing is taken, and the look only notes what it saw. */
#include <pthread.h>
#include <stdatomic.h>

#include <switchyard/switchyard.h>

#include "lone_procs.h"
#include "tune.h"
#include "watch.h"

/* The watch looks for the first time. It is not on watch, and takes nothing. */
static void look(void)
{
    sy_time period = WATCH_PERIOD_MIN;
    for (uint32_t i = 0; i < PROCS; i++) {
        store_relaxed(&procs[i].watched_switches, UINT64_MAX);
    }
    ck_assert(!watch_look(&worker, &period));
}

/* True if it finds that the task in a slot of this proc waits behind one that computes. */
static bool finds_stale(struct proc *proc)
{
    look();
    return load_relaxed(&proc->slots_stale) != 0;
}

/* Goal: the first look finds what a proc that switches nothing holds back, in either slot; and
 * nothing where nothing is, or where nothing may be stolen. */
START_TEST(test_watch_finds_what_waits)
{
    begin();
    ck_assert(!finds_stale(&procs[1]));
    store_relaxed(&procs[1].runq.next, &task);
    ck_assert(finds_stale(&procs[1]));
    store_relaxed(&procs[1].runq.next, NULL);
    store_relaxed(&procs[1].runq.fresh, &task);
    ck_assert(finds_stale(&procs[1]));
    tune_off = TUNE_NOSTEAL;
    ck_assert(!finds_stale(&procs[1]));
    tune_off = 0;
}
END_TEST

/* Goal: when it has found work it takes no pauses for more. */
START_TEST(test_watch_finds_one_at_a_time)
{
    begin();
    store_relaxed(&procs[1].runq.next, &task);
    store_relaxed(&procs[2].runq.next, &task);
    look();
    ck_assert_uint_eq(load_relaxed(&procs[1].slots_stale), 1);
    ck_assert_uint_eq(load_relaxed(&procs[2].slots_stale), 0);
}
END_TEST

static atomic_bool over;

static void *switch_on(void *arg)
{
    (void)arg;
    while (!over) {
        switch_once(&procs[1]);
    }
    return NULL;
}

/* Goal: it leaves alone what a proc that switches all the time holds back. That one may lose its
 * CPU meanwhile: one look of many must see it switch. */
START_TEST(test_watch_leaves_a_busy_slot)
{
    bool stale = true;
    pthread_t switcher;
    begin();
    over = false;
    ck_assert_int_eq(pthread_create(&switcher, NULL, switch_on, NULL), 0);
    store_relaxed(&procs[1].runq.next, &task);
    while (stale) { /* until the time is out */
        stale = finds_stale(&procs[1]);
    }
    over = true;
    pthread_join(switcher, NULL);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_watch");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_watch_finds_what_waits);
    tcase_add_test(tests, test_watch_finds_one_at_a_time);
    tcase_add_test(tests, test_watch_leaves_a_busy_slot);
    return suite_main("runtime_watch", tests);
}
