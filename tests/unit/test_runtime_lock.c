/* test_runtime_lock.c - the biased lock: who owns it, what a wrong bias costs, when it is claimed.
 * Method: direct calls on two procs of the test's own, from one thread that is now the one and now
 * the other. */
#include <pthread.h>

#include "lock.h"
#include "proc.h"
#include "support/suite_main.h"
#include "tune.h"

static struct proc procs[2];

static void procs_begin(void)
{
    proc_choose_fences();
    for (uint32_t i = 0; i < 2; i++) {
        proc_init(&procs[i], i);
    }
}

/* Takes and releases the lock as a task of that proc would. Returns who owned it meanwhile. */
static const struct proc *use(struct proc *proc, struct lock *lock,
                              struct proc *(*acquire)(struct proc *proc, struct lock *lock))
{
    proc_assign(proc);
    struct proc *now = acquire(proc_enter(), lock);
    ck_assert_ptr_eq(now, proc);
    const struct proc *owner = load_relaxed(&lock->owner);
    ck_assert_uint_eq(load_relaxed(&proc->in_section), 1);
    ck_assert_uint_eq(load_relaxed(&lock->held.held), owner == NULL); /* held in one way */
    proc_leave(now);
    ck_assert_uint_eq(load_relaxed(&proc->in_section), 0);
    ck_assert_uint_eq(load_relaxed(&lock->held.held), 0);
    proc_assign(NULL);
    return owner;
}

static struct lock_record record;

static struct proc *acquire_recorded(struct proc *proc, struct lock *lock)
{
    return lock_is_ours(proc, lock) ? proc : lock_acquire_in_row_slow(proc, lock, &record, lock, 0);
}

START_TEST(test_lock_is_biased_to_its_maker)
{
    struct lock lock = {.owner = NULL};
    procs_begin();
    lock_init(&procs[0], &lock);
    for (int i = 0; i < 3; i++) {
        ck_assert_ptr_eq(use(&procs[0], &lock, lock_acquire), &procs[0]);
    }
    ck_assert_uint_eq(load_relaxed(&procs[0].seizes), 0);
}
END_TEST

/* Goal: another proc takes the bias away for good, by one seizure of the owner. */
START_TEST(test_lock_bias_is_revoked_once)
{
    struct lock lock = {.owner = NULL};
    procs_begin();
    lock_init(&procs[0], &lock);
    for (int i = 0; i < 3; i++) {
        ck_assert_ptr_null(use(&procs[1], &lock, lock_acquire));
        ck_assert_ptr_null(use(&procs[0], &lock, lock_acquire));
    }
    ck_assert_uint_eq(load_relaxed(&procs[0].seizes), 1);
    ck_assert_uint_eq(load_relaxed(&procs[1].seizes), 0);
    ck_assert_uint_eq(load_relaxed(&procs[0].seized) & SEIZED, 0);
}
END_TEST

/* Goal: a wrong bias is charged to the proc that had it: its next LOCK_PENALTY locks have none, and
 * the one after them has. The other proc goes free. */
START_TEST(test_lock_penalty)
{
    struct lock lock = {.owner = NULL};
    procs_begin();
    lock_init(&procs[0], &lock);
    use(&procs[1], &lock, lock_acquire);
    for (int i = 0; i < LOCK_PENALTY; i++) {
        struct lock other = {.owner = NULL};
        lock_init(&procs[0], &other);
        ck_assert_ptr_null(load_relaxed(&other.owner));
    }
    lock_init(&procs[0], &lock);
    ck_assert_ptr_eq(load_relaxed(&lock.owner), &procs[0]);
    lock_init(&procs[1], &lock);
    ck_assert_ptr_eq(load_relaxed(&lock.owner), &procs[1]);
}
END_TEST

/* Goal: a lock of zero bytes is claimed by the first proc that uses it, and by nobody again after
 * the bias was taken away. */
START_TEST(test_lock_is_claimed_once)
{
    struct lock lock = {.owner = NULL};
    procs_begin();
    ck_assert_ptr_eq(use(&procs[1], &lock, lock_acquire_claim), &procs[1]);
    ck_assert_ptr_eq(use(&procs[1], &lock, lock_acquire_claim), &procs[1]);
    ck_assert_ptr_null(use(&procs[0], &lock, lock_acquire_claim));
    ck_assert_ptr_null(use(&procs[1], &lock, lock_acquire_claim));
    ck_assert_uint_eq(load_relaxed(&procs[1].seizes), 1);
}
END_TEST

/* Goal: a proc that has a penalty left does not claim, and pays with one lock. */
START_TEST(test_lock_claim_under_penalty)
{
    struct lock lock = {.owner = NULL};
    struct lock next = {.owner = NULL};
    procs_begin();
    procs[0].unbiased = 1;
    ck_assert_ptr_null(use(&procs[0], &lock, lock_acquire_claim));
    ck_assert_ptr_null(use(&procs[0], &lock, lock_acquire_claim)); /* tried once only */
    ck_assert_ptr_eq(use(&procs[0], &next, lock_acquire_claim), &procs[0]);
}
END_TEST

/* Uses the lock until it is biased to the proc; returns how often it was shared. */
static uint32_t uses_until_biased(struct proc *proc, struct lock *lock)
{
    uint32_t uses = 0;
    while (use(proc, lock, acquire_recorded) == NULL) {
        uses++;
    }
    return uses;
}

/* Goal: a shared lock that one proc takes again and again becomes its own, each time after twice as
 * many. */
START_TEST(test_lock_favours_its_user)
{
    struct lock lock = {.owner = NULL};
    procs_begin();
    record = (struct lock_record){0};
    ck_assert_uint_eq(uses_until_biased(&procs[1], &lock), LOCK_ENOUGH - 1);
    use(&procs[0], &lock, acquire_recorded);
    ck_assert_uint_eq(uses_until_biased(&procs[1], &lock), 2 * LOCK_ENOUGH - 1);
    use(&procs[0], &lock, acquire_recorded);
    ck_assert_uint_eq(uses_until_biased(&procs[0], &lock), 4 * LOCK_ENOUGH - 2);
}
END_TEST

/* Goal: a row of locks loses the bias to one proc by one seizure; locks of others keep theirs. */
START_TEST(test_lock_row)
{
    struct lock locks[LOCK_ROW] = {{.owner = NULL}};
    procs_begin();
    record = (struct lock_record){0};
    for (int i = 0; i < LOCK_ROW; i++) {
        lock_init(&procs[i == 2], &locks[i]);
    }
    proc_assign(&procs[1]);
    proc_leave(lock_acquire_in_row_slow(proc_enter(), &locks[1], &record, locks, sizeof locks[0]));
    proc_assign(NULL);
    for (int i = 0; i < LOCK_ROW; i++) {
        ck_assert_ptr_eq(load_relaxed(&locks[i].owner), i == 2 ? &procs[1] : NULL);
    }
    ck_assert_uint_eq(load_relaxed(&procs[0].seizes), 1);
}
END_TEST

/* Goal: a lock that two procs take in turn stays shared; so does any with SWITCHYARD_TUNE=nobias.
 */
START_TEST(test_lock_favours_nobody)
{
    struct lock lock = {.owner = NULL};
    procs_begin();
    record = (struct lock_record){0};
    for (uint32_t i = 0; i < 4 * LOCK_ENOUGH; i++) {
        ck_assert_ptr_null(use(&procs[i % LOCK_ENOUGH == 0], &lock, acquire_recorded));
    }
    tune_off = TUNE_NOBIAS;
    for (uint32_t i = 0; i < 4 * LOCK_ENOUGH; i++) {
        ck_assert_ptr_null(use(&procs[0], &lock, acquire_recorded));
    }
    tune_off = 0;
}
END_TEST

/* Goal: release before the end of the section opens the lock, and leaves the section closed. */
static struct lock held_lock;

/* A task of proc 1 waits for the lock. */
static void *wait_for_lock(void *arg)
{
    proc_assign(&procs[1]);
    struct proc *proc = lock_acquire(proc_enter(), &held_lock);
    proc_leave(proc);
    return arg;
}

/* Goal: who waits for a shared lock does not keep its proc from a seizer, however long that lasts.
 */
START_TEST(test_lock_waiter_lets_a_seizer_in)
{
    pthread_t waiter;
    procs_begin();
    store_relaxed(&held_lock.held.held, 1);
    ck_assert_int_eq(pthread_create(&waiter, NULL, wait_for_lock, NULL), 0);
    while (load_relaxed(&procs[1].in_section) == 0) {
        spin_pause();
    }
    for (int i = 0; i < 100; i++) {
        proc_assign(&procs[0]);
        proc_seize(&procs[1]); /* would never return */
        proc_release(&procs[1]);
        proc_assign(NULL);
    }
    spin_unlock(&held_lock.held);
    pthread_join(waiter, NULL);
    ck_assert_uint_eq(load_relaxed(&procs[1].seizes), 100);
    ck_assert_uint_eq(load_relaxed(&held_lock.held.held), 0);
}
END_TEST

START_TEST(test_lock_release_within_section)
{
    struct lock lock = {.owner = NULL};
    procs_begin();
    proc_assign(&procs[0]);
    struct proc *proc = lock_acquire(proc_enter(), &lock);
    ck_assert_uint_eq(load_relaxed(&lock.held.held), 1);
    lock_release(proc);
    ck_assert_uint_eq(load_relaxed(&lock.held.held), 0);
    ck_assert_uint_eq(load_relaxed(&proc->in_section), 1);
    lock_release(proc); /* nothing is held: nothing happens */
    ck_assert_uint_eq(load_relaxed(&proc->in_section), 1);
    proc_leave(proc);
    ck_assert_uint_eq(load_relaxed(&procs[0].in_section), 0);
    proc_assign(NULL);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_lock");
    tcase_add_test(tests, test_lock_is_biased_to_its_maker);
    tcase_add_test(tests, test_lock_bias_is_revoked_once);
    tcase_add_test(tests, test_lock_penalty);
    tcase_add_test(tests, test_lock_is_claimed_once);
    tcase_add_test(tests, test_lock_claim_under_penalty);
    tcase_add_test(tests, test_lock_favours_its_user);
    tcase_add_test(tests, test_lock_row);
    tcase_add_test(tests, test_lock_favours_nobody);
    tcase_add_test(tests, test_lock_waiter_lets_a_seizer_in);
    tcase_add_test(tests, test_lock_release_within_section);
    return suite_main("runtime_lock", tests);
}
