/* test_runtime_section.c - stress of the critical section and of the locks that rest on it. Method:
 * threads that enter and that seize a proc write plain data whose parts must always agree; then
 * tasks of four procs share objects that were made on one of them. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <switchyard/switchyard.h>

#include "proc.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/suite_main.h"

enum { SEIZERS = 2, SEIZURES = 60000 }; /* each */

static struct proc proc;
static atomic_bool stop;
static atomic_uint torn; /* times that the parts did not agree */

/* Guarded by the section. Neither atomic nor volatile: the section alone has to order them. */
static struct {
    uint64_t first;
    uint64_t among[8];
    uint64_t last;
} shared;

static void change_shared(void)
{
    bool agree = shared.first == shared.last;
    shared.first++;
    fence_compiler(); /* one store after the other, so that there is a time in between */
    for (int i = 0; i < 8; i++) {
        agree = agree && shared.among[i] + 1 == shared.first;
        shared.among[i]++;
    }
    fence_compiler();
    shared.last++;
    atomic_fetch_add(&torn, !agree);
}

/* Keeps the owner on the first CPU and the seizers off it, so that they really run at once. With
 * one CPU only there is nothing to choose. */
static void choose_cpus(bool owner)
{
    cpu_set_t cpus;
    cpu_set_t first;
    int cpu = 0;
    ck_assert_int_eq(sched_getaffinity(0, sizeof cpus, &cpus), 0);
    while (!CPU_ISSET(cpu, &cpus)) {
        cpu++;
    }
    CPU_ZERO(&first);
    CPU_SET(cpu, &first);
    CPU_CLR(cpu, &cpus);
    if (CPU_COUNT(&cpus) > 0) {
        sched_setaffinity(0, sizeof cpus, owner ? &first : &cpus);
    }
}

/* Most times not at all: then the owner answers its seizer (proc.h). At times long enough for the
 * seizer to give that up, and to need its fence just when the owner comes back. */
static void stay_outside(unsigned *seed)
{
    int pauses = rand_r(seed) % 4 == 0 ? rand_r(seed) % 400 : 0;
    while (pauses-- > 0) {
        spin_pause();
    }
}

static void *enter_and_leave(void *arg)
{
    uint64_t *entered = arg;
    unsigned seed = 1;
    choose_cpus(true);
    proc_assign(&proc);
    while (!stop) {
        struct proc *mine = proc_enter();
        change_shared();
        proc_leave(mine);
        ++*entered;
        stay_outside(&seed);
    }
    proc_assign(NULL);
    return NULL;
}

static void *seize_and_release(void *arg)
{
    choose_cpus(false);
    for (int i = 0; i < SEIZURES; i++) {
        proc_seize(&proc);
        change_shared();
        proc_release(&proc);
    }
    return arg;
}

/* Goal: an owner and two seizers exclude each other, with membarrier (0) and without (1), and the
 * owner gets on meanwhile. */
START_TEST(test_section_excludes)
{
    pthread_t owner;
    pthread_t seizers[SEIZERS];
    uint64_t entered = 0;
    proc_choose_fences();
    proc_asymmetric = proc_asymmetric && _i == 0;
    proc_init(&proc, 0);
    ck_assert_int_eq(pthread_create(&owner, NULL, enter_and_leave, &entered), 0);
    for (int i = 0; i < SEIZERS; i++) {
        ck_assert_int_eq(pthread_create(&seizers[i], NULL, seize_and_release, NULL), 0);
    }
    for (int i = 0; i < SEIZERS; i++) {
        pthread_join(seizers[i], NULL);
    }
    stop = true;
    pthread_join(owner, NULL);
    ck_assert_uint_eq(torn, 0);
    ck_assert_uint_gt(entered, 0);
    ck_assert_uint_eq(shared.first, entered + SEIZERS * SEIZURES);
    ck_assert_uint_eq(shared.last, entered + SEIZERS * SEIZURES);
    ck_assert_uint_eq(load_relaxed(&proc.seizes), SEIZERS * SEIZURES);
}
END_TEST

/* --- objects made on one proc, used by all ---------------------------------------------------- */

enum { USERS = 16, OBJECTS = 32, USES = 2000, REBIRTHS = 20 };

static struct object {
    sy_mutex mutex;
    sy_chan chan;
    uint64_t guarded; /* mutex */
} objects[OBJECTS];

static sy_waitgroup users_done;

static void use_mutex(struct object *object, uint64_t amount)
{
    expect_eq(sy_mutex_lock(&object->mutex), 0);
    object->guarded += amount;
    sy_mutex_unlock(&object->mutex);
}

/* Keeps the sum of what the channel holds: takes one, adds to it, puts it back. */
static void use_chan(struct object *object, uint64_t amount)
{
    uint64_t value = 0;
    expect_eq(sy_chan_recv(object->chan, &value), 1);
    value += amount;
    expect_eq(sy_chan_send(object->chan, &value), 0);
}

static void *use_objects(void *arg)
{
    unsigned seed = (unsigned)(uintptr_t)arg;
    uint64_t sum = 0;
    for (int i = 0; i < USES; i++) {
        struct object *object = &objects[rand_r(&seed) % OBJECTS];
        uint64_t amount = (uint64_t)rand_r(&seed) % 1000;
        if (i % 2 == 0) {
            use_mutex(object, amount);
        } else {
            use_chan(object, amount);
        }
        sum += amount;
        if (i % 16 == 0) {
            sy_yield();
        }
    }
    sy_waitgroup_done(&users_done);
    return (void *)(uintptr_t)sum;
}

static void make_objects(void)
{
    uint64_t zero = 0;
    for (int i = 0; i < OBJECTS; i++) {
        sy_mutex_init(&objects[i].mutex);
        expect_eq(sy_mutex_lock(&objects[i].mutex), 0); /* claims the bias */
        sy_mutex_unlock(&objects[i].mutex);
        expect_eq(sy_chan_new(&objects[i].chan, sizeof zero, 2), 0);
        expect_eq(sy_chan_send(objects[i].chan, &zero), 0);
    }
}

static uint64_t unmake_objects(void)
{
    uint64_t sum = 0;
    for (int i = 0; i < OBJECTS; i++) {
        uint64_t value = 0;
        expect_eq(sy_chan_recv(objects[i].chan, &value), 1);
        expect_eq(sy_chan_free(objects[i].chan), 0);
        expect_eq(sy_mutex_destroy(&objects[i].mutex), 0);
        sum += value + objects[i].guarded;
        objects[i].guarded = 0;
    }
    return sum;
}

static int share_objects(void *arg)
{
    sy_task users[USERS];
    for (uintptr_t round = 0; round < REBIRTHS; round++) {
        uint64_t expected = 0;
        make_objects();
        sy_waitgroup_add(&users_done, USERS);
        for (uintptr_t i = 0; i < USERS; i++) {
            expect_eq(sy_spawn(&users[i], use_objects, (void *)(round * USERS + i)), 0);
        }
        expect_eq(sy_waitgroup_wait(&users_done), 0);
        for (int i = 0; i < USERS; i++) {
            void *sum = NULL;
            expect_eq(sy_join(users[i], &sum), 0);
            expected += (uintptr_t)sum;
        }
        expect_eq(unmake_objects(), expected);
    }
    (void)arg;
    return 0;
}

/* Goal: locks lose their bias while all procs want them; nothing that they guard is lost. */
START_TEST(test_locks_are_shared_by_all_procs)
{
    run_tasks(4, share_objects, NULL);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_section");
    tcase_set_timeout(tests, 100);
    tcase_add_loop_test(tests, test_section_excludes, 0, 2);
    tcase_add_test(tests, test_locks_are_shared_by_all_procs);
    return suite_main("runtime_section", tests);
}
