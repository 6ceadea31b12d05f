/* test_runtime_watch.c - what the watch finds with one look at a proc. Method: direct calls, with
 * procs that no worker holds; so nothing is taken, and the look only notes what it saw. */
#include <switchyard/switchyard.h>

#include "two_procs.h"
#include "watch.h"

/* True if the watch finds that the task in a slot waits behind one that computes. */
static bool finds_stale(void)
{
    sy_time period = WATCH_PERIOD_MIN;
    store_relaxed(&procs[1].watched_switches, UINT64_MAX); /* it looks for the first time */
    ck_assert(!watch_look(&worker, &period)); /* it is not on watch, and takes nothing */
    return load_relaxed(&procs[1].slots_stale) != 0;
}

/* Goal: the first look finds what a proc that switches nothing holds back, in either slot; and
 * nothing where nothing is. */
START_TEST(test_watch_finds_what_waits)
{
    begin();
    ck_assert(!finds_stale());
    store_relaxed(&procs[1].runq.next, &task);
    ck_assert(finds_stale());
    store_relaxed(&procs[1].runq.next, NULL);
    store_relaxed(&procs[1].runq.fresh, &task);
    ck_assert(finds_stale());
}
END_TEST

/* Goal: it leaves alone what a proc that switches all the time holds back. That one may lose its
 * CPU meanwhile: one look of many must see it switch. */
START_TEST(test_watch_leaves_a_busy_slot)
{
    bool stale = true;
    begin_switching();
    store_relaxed(&procs[1].runq.next, &task);
    for (int i = 0; i < 1000 && stale; i++) {
        stale = finds_stale();
    }
    end_switching();
    ck_assert(!stale);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_watch");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_watch_finds_what_waits);
    tcase_add_test(tests, test_watch_leaves_a_busy_slot);
    return suite_main("runtime_watch", tests);
}
