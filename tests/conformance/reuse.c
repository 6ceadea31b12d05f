/* reuse.c - once destroy has answered 0 the storage is the caller's again: nobody writes to it, not
 * even the call of another task that made the object unused. What is left to write then is little
 * and quick; ThreadSanitizer sees it every time. */
#include <errno.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/expect.h"
#include "support/run.h"

enum {
    ROUNDS = 2000,
    PATIENCE = 1000, /* looks before a task yields: it may have the only proc */
    WORDS = sizeof(sy_scope) / sizeof(uint64_t),
    LOOKS = 20
};

static const uint64_t OTHERS = 0x5a5a5a5a5a5a5a5a; /* what the storage holds in its next use */

union storage {
    sy_waitgroup group;
    sy_rwlock rwlock;
    sy_scope scope;
    uint64_t words[WORDS];
};

_Static_assert(sizeof(union storage) == sizeof(sy_scope), "WORDS are all of it");

struct kind {
    int (*begin)(union storage *storage); /* makes the object, and the task that ends its use */
    int (*destroy)(union storage *storage);
};

static void *be_done(void *group)
{
    sy_waitgroup_done(group);
    return NULL;
}

static int begin_group(union storage *storage)
{
    sy_waitgroup_init(&storage->group);
    sy_waitgroup_add(&storage->group, 1);
    return sy_go(be_done, &storage->group);
}

static int destroy_group(union storage *storage)
{
    return sy_waitgroup_destroy(&storage->group);
}

static void *unlock(void *rwlock)
{
    sy_rwlock_read_unlock(rwlock);
    return NULL;
}

static int begin_rwlock(union storage *storage)
{
    sy_rwlock_init(&storage->rwlock);
    expect_eq(sy_rwlock_read_lock(&storage->rwlock), 0);
    return sy_go(unlock, &storage->rwlock);
}

static int destroy_rwlock(union storage *storage)
{
    return sy_rwlock_destroy(&storage->rwlock);
}

static int succeed(void *arg)
{
    (void)arg;
    return 0;
}

static int begin_scope(union storage *storage)
{
    sy_scope_init(&storage->scope);
    return sy_scope_spawn(&storage->scope, succeed, NULL);
}

static int destroy_scope(union storage *storage)
{
    return sy_scope_destroy(&storage->scope);
}

static const struct kind kinds[] = {
    {begin_group, destroy_group}, {begin_rwlock, destroy_rwlock}, {begin_scope, destroy_scope}};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

static void fill(volatile uint64_t *words)
{
    for (int i = 0; i < WORDS; i++) {
        words[i] = OTHERS;
    }
}

/* How many words have been written to since; looks for a while. */
static int count_written(const volatile uint64_t *words)
{
    int written = 0;
    for (int look = 0; look < LOOKS && written == 0; look++) {
        for (int i = 0; i < WORDS; i++) {
            written += words[i] != OTHERS;
        }
    }
    return written;
}

static int reuse_at_once(void *arg)
{
    const struct kind *kind = arg;
    union storage storage;
    int rounds = run_is_green() ? ROUNDS : ROUNDS / 20;
    for (int i = 0; i < rounds; i++) {
        expect_eq(kind->begin(&storage), 0);
        for (int busy = 1; kind->destroy(&storage) == -EBUSY; busy++) {
            if (busy % PATIENCE == 0) {
                sy_yield();
            }
        }
        fill(storage.words);
        expect_eq(count_written(storage.words), 0);
    }
    return 0;
}

START_TEST(test_destroy_is_the_end)
{
    struct kind kind = kinds[_i];
    for (int i = 0; i < RUN_PROCS_COUNT; i++) {
        run_tasks(RUN_PROCS[i], reuse_at_once, &kind);
    }
}
END_TEST

Suite *suite_reuse(void)
{
    Suite *suite = suite_create("reuse");
    TCase *tests = tcase_create("reuse");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_destroy_is_the_end, 0, KINDS);
    suite_add_tcase(suite, tests);
    return suite;
}
