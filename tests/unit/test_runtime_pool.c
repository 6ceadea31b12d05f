/* test_runtime_pool.c - the pool of slots with its caches, and the global run queue. Method: direct
 * calls with a carve function of the test's own, which can refuse; no runtime runs. */
#include <errno.h>
#include <stdlib.h>

#include "global.h"
#include "pool.h"
#include "stack.h"
#include "support/suite_main.h"

enum { CAPACITY = 16 * POOL_BATCH, CACHES = 3 };

static struct slot slots[CAPACITY];
static bool taken[CAPACITY];
static int carve_error;
static uint32_t carves;

static int carve(uint32_t first)
{
    carves++;
    if (carve_error != 0) {
        return carve_error;
    }
    for (uint32_t index = first; index < first + POOL_BATCH; index++) {
        slot_init(&slots[index], index);
    }
    return 0;
}

static struct pool_cache caches[CACHES];

static void pool_begin(struct pool *pool, uint32_t capacity, uint32_t limit)
{
    ck_assert_int_eq(pool_init(pool, capacity, carve), 0);
    for (int i = 0; i < CACHES; i++) {
        pool_cache_init(&caches[i], limit);
    }
}

static uint32_t take(struct pool *pool, struct pool_cache *cache)
{
    uint32_t index = UINT32_MAX;
    ck_assert_int_eq(pool_take(pool, cache, &index), 0);
    ck_assert_uint_lt(index, pool->capacity);
    ck_assert_msg(!taken[index], "slot %u was given out twice", index);
    taken[index] = true;
    return index;
}

static void give(struct pool *pool, struct pool_cache *cache, uint32_t index)
{
    ck_assert(taken[index]);
    taken[index] = false;
    slot_retire(&slots[index]);
    pool_give(pool, cache, &slots[index]);
}

/* What a proc's cache keeps: the usual, and one slot (SWITCHYARD_TUNE=nostackcache). */
static const uint32_t limits[] = {POOL_CACHE_SLOTS, 1};

enum { LIMITS = sizeof limits / sizeof limits[0] };

/* Goal: the capacity, not one less; then -EAGAIN until a slot comes back. */
START_TEST(test_pool_gives_each_slot_up_to_capacity)
{
    struct pool_cache *cache = &caches[0];
    struct pool pool;
    uint32_t index = 0;
    pool_begin(&pool, CAPACITY, limits[_i % LIMITS]);
    for (uint32_t i = 0; i < CAPACITY; i++) {
        ck_assert_uint_eq(take(&pool, cache), i); /* fresh ones: lowest first */
    }
    ck_assert_uint_eq(carves, CAPACITY / POOL_BATCH);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(pool_take(&pool, cache, &index), -EAGAIN);
    }
    give(&pool, cache, 77);
    ck_assert_uint_eq(take(&pool, cache), 77);
    ck_assert_int_eq(pool_take(&pool, cache, &index), -EAGAIN);
    pool_destroy(&pool);
}
END_TEST

/* Goal: a carve that fails passes its error on, and loses nothing: later all slots are there. */
START_TEST(test_pool_passes_carve_errors)
{
    struct pool_cache *cache = &caches[0];
    struct pool pool;
    uint32_t index = 0;
    pool_begin(&pool, 2 * POOL_BATCH, POOL_CACHE_SLOTS);
    for (uint32_t i = 0; i < 2 * POOL_BATCH; i++) {
        if (i % POOL_BATCH == 0) {
            carve_error = -ENOMEM;
            ck_assert_int_eq(pool_take(&pool, cache, &index), -ENOMEM);
            carve_error = -EAGAIN;
            ck_assert_int_eq(pool_take(&pool, cache, &index), -EAGAIN);
            carve_error = 0;
            ck_assert_uint_eq(cache->count, 0);
            ck_assert_uint_eq(load_relaxed(&pool.carved), i);
        }
        ck_assert_uint_eq(take(&pool, cache), i);
    }
    ck_assert_int_eq(pool_take(&pool, cache, &index), -EAGAIN);
    pool_destroy(&pool);
}
END_TEST

/* Goal: slots that one cache gives back reach the other caches through the pool: all but those
 * that a cache may keep. */
START_TEST(test_pool_moves_slots_between_caches)
{
    struct pool pool;
    uint32_t index = 0;
    pool_begin(&pool, CAPACITY, limits[_i % LIMITS]);
    for (uint32_t i = 0; i < CAPACITY; i++) {
        take(&pool, &caches[0]);
    }
    for (uint32_t i = 0; i < CAPACITY; i++) {
        give(&pool, &caches[1], i);
    }
    uint32_t kept = caches[1].count;
    ck_assert_uint_le(kept, limits[_i]);
    for (uint32_t i = 0; i < CAPACITY - kept; i++) {
        take(&pool, &caches[0]);
    }
    ck_assert_int_eq(pool_take(&pool, &caches[0], &index), -EAGAIN);
    for (uint32_t i = 0; i < kept; i++) {
        take(&pool, &caches[1]);
    }
    ck_assert_int_eq(pool_take(&pool, &caches[1], &index), -EAGAIN);
    ck_assert_uint_eq(carves, CAPACITY / POOL_BATCH); /* recycled, not carved */
    pool_destroy(&pool);
}
END_TEST

/* Goal: whatever the order of takes and gives over several caches, a slot is in one place, its
 * generation grows by 1 at each give, and is never 0 when first used; no cache keeps more than it
 * may. */
START_TEST(test_pool_random_takes_and_gives)
{
    static uint32_t held[CAPACITY];
    static uint32_t generations[CAPACITY];
    struct pool pool;
    uint32_t count = 0;
    unsigned seed = 20240607u + (unsigned)_i;
    pool_begin(&pool, CAPACITY, limits[_i % LIMITS]);
    for (int step = 0; step < 50000; step++) {
        struct pool_cache *cache = &caches[rand_r(&seed) % CACHES];
        bool grow = step / 1000 % 2 == 0 ? rand_r(&seed) % 4 != 0 : rand_r(&seed) % 4 == 0;
        uint32_t index = 0;
        if (grow && count < CAPACITY - (CACHES - 1) * POOL_CACHE_SLOTS) {
            index = take(&pool, cache);
            held[count++] = index;
            generations[index] += generations[index] == 0; /* they start at 1 */
            ck_assert_uint_eq(slot_generation(&slots[index]), generations[index]);
            ck_assert_uint_eq(slots[index].index, index);
        } else if (!grow && count > 0) {
            uint32_t place = (uint32_t)rand_r(&seed) % count;
            index = held[place];
            held[place] = held[--count];
            generations[index]++;
            give(&pool, cache, index);
        }
        ck_assert_uint_le(cache->count, cache->limit);
    }
    pool_destroy(&pool);
}
END_TEST

/* --- giving memory back ------------------------------------------------------------------------
 */

static bool clean[CAPACITY];

static void revive(uint32_t index)
{
    ck_assert_msg(clean[index], "slot %u was not clean", index);
    clean[index] = false;
}

/* Borrows and gives back until nothing is left to borrow. How many. */
static uint32_t clean_all(struct pool *pool)
{
    uint32_t batch[POOL_BATCH];
    uint32_t all = 0;
    uint32_t count = 0;
    while ((count = pool_borrow(pool, batch)) > 0) {
        for (uint32_t i = 0; i < count; i++) {
            ck_assert(!clean[batch[i]] && !taken[batch[i]]);
            clean[batch[i]] = true;
        }
        pool_return(pool);
        all += count;
    }
    return all;
}

/* Goal: what lies in the pool is lent when it was not needed since the look before, once; it is
 * revived when it is taken again, and nothing else is. */
START_TEST(test_pool_lends_what_is_spare)
{
    struct pool pool;
    pool_begin(&pool, CAPACITY, POOL_CACHE_SLOTS);
    pool.revive = revive;
    ck_assert_uint_eq(clean_all(&pool), 0);
    for (uint32_t i = 0; i < CAPACITY; i++) {
        take(&pool, &caches[0]);
    }
    for (uint32_t i = 0; i < CAPACITY; i++) {
        give(&pool, &caches[1], i);
    }
    uint32_t spare = CAPACITY - caches[1].count;
    ck_assert(pool_has_spare(&pool));
    ck_assert_uint_eq(clean_all(&pool), 0); /* they came since the look before */
    ck_assert_uint_eq(clean_all(&pool), spare);
    ck_assert_uint_eq(clean_all(&pool), 0);
    ck_assert(!pool_has_spare(&pool));
    for (uint32_t i = 0; i < spare; i++) {
        ck_assert(!clean[take(&pool, &caches[0])]);
    }
    pool_destroy(&pool);
}
END_TEST

/* Goal: while slots are lent, others are given out, and no lent one is; what is needed now and then
 * is not lent. */
START_TEST(test_pool_lends_no_needed_ones)
{
    struct pool pool;
    uint32_t batch[POOL_BATCH];
    pool_begin(&pool, CAPACITY, POOL_CACHE_SLOTS);
    pool.revive = revive;
    for (uint32_t i = 0; i < CAPACITY; i++) {
        take(&pool, &caches[0]);
    }
    for (uint32_t i = 0; i < CAPACITY; i++) {
        give(&pool, &caches[1], i);
    }
    uint32_t spare = CAPACITY - caches[1].count;
    ck_assert_uint_eq(pool_borrow(&pool, batch), 0);
    for (uint32_t i = 0; i < POOL_BATCH; i++) {
        take(&pool, &caches[0]); /* a batch is needed */
    }
    ck_assert_uint_eq(pool_borrow(&pool, batch), POOL_BATCH);
    for (uint32_t i = 0; i < POOL_BATCH; i++) {
        taken[batch[i]] = true; /* take() fails if one of these is given out */
    }
    for (uint32_t i = 0; i < spare - 2 * POOL_BATCH; i++) {
        take(&pool, &caches[0]);
    }
    for (uint32_t i = 0; i < POOL_BATCH; i++) {
        taken[batch[i]] = false;
        clean[batch[i]] = true;
    }
    pool_return(&pool);
    ck_assert_uint_eq(clean_all(&pool), 0); /* the rest was needed */
    for (uint32_t i = 0; i < POOL_BATCH; i++) {
        take(&pool, &caches[0]);
    }
    pool_destroy(&pool);
}
END_TEST

/* --- the global queue ------------------------------------------------------------------------ */

enum { GLOBAL_TASKS = POOL_BATCH };

/* The queue holds slot numbers, so its tasks must be in slots. */
static void global_begin(uint32_t capacity)
{
    ck_assert_int_eq(stack_region_init(STACK_BYTES_MIN, GLOBAL_TASKS), GLOBAL_TASKS);
    for (uint32_t i = 0; i < GLOBAL_TASKS; i++) {
        slot_init(&stack_task(i)->slot, i);
    }
    ck_assert_int_eq(global_init(capacity), 0);
    ck_assert_uint_eq(global_length(), 0);
}

static void global_end(void)
{
    global_destroy();
    stack_region_destroy(GLOBAL_TASKS);
}

static void push_range(uint32_t first, uint32_t count)
{
    struct task *batch[GLOBAL_TASKS];
    for (uint32_t i = 0; i < count; i++) {
        batch[i] = stack_task((first + i) % GLOBAL_TASKS);
    }
    global_push(batch, count);
}

static void pop_range(uint32_t first, uint32_t count)
{
    struct task *batch[GLOBAL_TASKS];
    ck_assert_uint_eq(global_pop(batch, count), count);
    for (uint32_t i = 0; i < count; i++) {
        ck_assert_ptr_eq(batch[i], stack_task((first + i) % GLOBAL_TASKS));
    }
}

START_TEST(test_global_first_in_first_out)
{
    struct task *batch[GLOBAL_TASKS];
    global_begin(GLOBAL_TASKS);
    ck_assert_uint_eq(global_pop(batch, 5), 0);
    push_range(0, 5);
    push_range(5, 2);
    ck_assert_uint_eq(global_length(), 7);
    pop_range(0, 3);
    ck_assert_uint_eq(global_pop(batch, 0), 0);
    ck_assert_uint_eq(global_pop(batch, GLOBAL_TASKS), 4); /* as many as there are */
    ck_assert_ptr_eq(batch[3], stack_task(6));
    ck_assert_uint_eq(global_length(), 0);
    global_end();
}
END_TEST

/* Goal: the order holds around the end of the array, also when the array is full. */
START_TEST(test_global_wraps_around)
{
    global_begin(GLOBAL_TASKS);
    push_range(0, GLOBAL_TASKS);
    uint32_t first = 0;
    for (uint32_t step = 1; step < 3 * GLOBAL_TASKS; step++) {
        uint32_t count = step * 7 % (GLOBAL_TASKS - 1) + 1; /* never empty in between */
        count = count < GLOBAL_TASKS ? count : GLOBAL_TASKS - 1;
        pop_range(first, count);
        push_range(first, count);
        first = (first + count) % GLOBAL_TASKS;
        ck_assert_uint_eq(global_length(), GLOBAL_TASKS);
    }
    pop_range(first, GLOBAL_TASKS);
    ck_assert_uint_eq(global_length(), 0);
    global_end();
}
END_TEST

/* Goal: an empty queue starts over at the front of its array, so that a lightly used one commits
 * one page only. Seen by what it does: it works for ever, and a new init finds it empty. */
START_TEST(test_global_starts_over)
{
    global_begin(GLOBAL_TASKS);
    for (uint32_t i = 0; i < 10 * GLOBAL_TASKS; i++) {
        push_range(i, 3);
        pop_range(i, 3);
    }
    push_range(0, 3);
    global_end();
    global_begin(2 * GLOBAL_TASKS);
    push_range(9, 4);
    pop_range(9, 4);
    global_end();
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_pool");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_pool_gives_each_slot_up_to_capacity, 0, LIMITS);
    tcase_add_test(tests, test_pool_passes_carve_errors);
    tcase_add_loop_test(tests, test_pool_moves_slots_between_caches, 0, LIMITS);
    tcase_add_loop_test(tests, test_pool_random_takes_and_gives, 0, 4);
    tcase_add_test(tests, test_global_first_in_first_out);
    tcase_add_test(tests, test_global_wraps_around);
    tcase_add_test(tests, test_global_starts_over);
    tcase_add_test(tests, test_pool_lends_what_is_spare);
    tcase_add_test(tests, test_pool_lends_no_needed_ones);
    return suite_main("runtime_pool", tests);
}
