/* test_baseline_slots.c - the handle tables of the baseline: what the public API cannot reach. */
#include <check.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "slots.h"

struct object {
    struct slot slot;
    uint64_t owner; /* slot.lock: the handle that this object was made for */
};

enum { LIMIT = 200 };

static uint64_t take(struct slots *slots)
{
    void *taken = NULL;
    ck_assert_int_eq(slots_take(slots, &taken), 0);
    struct object *object = taken;
    object->owner = slots_id(object);
    slots_unlock(object);
    return object->owner;
}

static void free_it(struct slots *slots, uint64_t id)
{
    void *object = slots_lock(slots, id);
    ck_assert_ptr_nonnull(object);
    slots_free(slots, object);
}

/* Goal: a handle finds its object until that is freed, and never one that took the slot later. */
START_TEST(test_slots_stale_handles_find_nothing)
{
    static struct slots slots = SLOTS_INIT(struct object, LIMIT);
    uint64_t old[LIMIT];
    for (int i = 0; i < LIMIT; i++) {
        old[i] = take(&slots);
        free_it(&slots, old[i]);
    }
    ck_assert_uint_eq(slots_used(&slots), 1); /* the slot freed last is taken first */
    uint64_t current = take(&slots);
    for (int i = 0; i < LIMIT; i++) {
        ck_assert_ptr_null(slots_lock(&slots, old[i]));
    }
    struct object *object = slots_lock(&slots, current);
    ck_assert_ptr_nonnull(object);
    ck_assert_uint_eq(object->owner, current);
    slots_unlock(object);
}
END_TEST

/* Goal: handles that were never given out find nothing, whatever state their slot is in. */
START_TEST(test_slots_forged_handles_find_nothing)
{
    static struct slots slots = SLOTS_INIT(struct object, LIMIT);
    uint64_t id = take(&slots);
    uint32_t generation = handle_generation(id);
    free_it(&slots, id);
    uint64_t forged[] = {0,
                         1,
                         UINT64_MAX,
                         handle_make(0, generation + 1), /* what the free slot holds now */
                         handle_make(0, generation + 2),
                         handle_make(1, generation),
                         handle_make(UINT32_MAX - 1, generation)};
    for (size_t i = 0; i < sizeof forged / sizeof forged[0]; i++) {
        ck_assert_ptr_null(slots_lock(&slots, forged[i]));
    }
}
END_TEST

/* Goal: the limit holds, and a freed slot makes room. */
START_TEST(test_slots_limit)
{
    static struct slots slots = SLOTS_INIT(struct object, LIMIT);
    uint64_t ids[LIMIT];
    void *object = NULL;
    for (int i = 0; i < LIMIT; i++) {
        ids[i] = take(&slots);
    }
    ck_assert_int_eq(slots_take(&slots, &object), -EAGAIN);
    ck_assert_uint_eq(slots_in_use(&slots), LIMIT);
    free_it(&slots, ids[LIMIT / 2]);
    ids[LIMIT / 2] = take(&slots);
    ck_assert_int_eq(slots_take(&slots, &object), -EAGAIN);
    slots_set_limit(&slots, LIMIT + 1);
    (void)take(&slots);
    ck_assert_int_eq(slots_take(&slots, &object), -EAGAIN);
}
END_TEST

/* Goal: the table grows over many chunks without moving an object or giving a slot out twice. */
START_TEST(test_slots_grow_in_place)
{
    enum { MANY = 100000 };
    static struct slots slots = SLOTS_INIT(struct object, MANY);
    uint64_t *ids = malloc(MANY * sizeof *ids);
    struct object **objects = malloc(MANY * sizeof *objects);
    ck_assert(ids != NULL && objects != NULL);
    for (uint32_t i = 0; i < MANY; i++) {
        ids[i] = take(&slots);
        ck_assert_uint_eq(handle_slot(ids[i]), i);
        objects[i] = slots_lock(&slots, ids[i]);
        slots_unlock(objects[i]);
        ck_assert_uint_eq((uintptr_t)objects[i] % 64, 0);
    }
    for (uint32_t i = 0; i < MANY; i++) {
        ck_assert_ptr_eq(slots_lock(&slots, ids[i]), objects[i]);
        ck_assert_uint_eq(objects[i]->owner, ids[i]);
        slots_unlock(objects[i]);
    }
    free(ids);
    free(objects);
}
END_TEST

struct race {
    struct slots *slots;
    _Atomic uint64_t published; /* a handle that may be freed at any moment */
    atomic_bool over;
    atomic_uint found;
    atomic_uint wrong; /* found an object that was made for another handle */
};

static void *look_up(void *arg)
{
    struct race *race = arg;
    while (!race->over) {
        uint64_t id = race->published;
        struct object *object = slots_lock(race->slots, id);
        if (object != NULL) {
            race->found++;
            race->wrong += object->owner != id;
            slots_unlock(object);
        }
    }
    return NULL;
}

/* Goal: a look-up that races with free and reuse finds the right object or none. Method: one thread
 * takes and frees two slots, another looks up what is or was published, until it has found some. */
START_TEST(test_slots_lookup_races_with_free)
{
    enum { ROUNDS = 20000, FOUND = 100 };
    static struct slots slots = SLOTS_INIT(struct object, 2);
    static struct race race = {.slots = &slots};
    pthread_t reader;
    ck_assert_int_eq(pthread_create(&reader, NULL, look_up, &race), 0);
    for (int i = 0; i < ROUNDS || race.found < FOUND; i++) {
        uint64_t first = take(&slots);
        race.published = first;
        uint64_t second = take(&slots);
        free_it(&slots, first);
        race.published = second;
        free_it(&slots, second);
    }
    race.over = true;
    pthread_join(reader, NULL);
    ck_assert_uint_eq(race.wrong, 0);
    ck_assert_uint_eq(slots_in_use(&slots), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("baseline_slots");
    TCase *tests = tcase_create("slots");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_slots_stale_handles_find_nothing);
    tcase_add_test(tests, test_slots_forged_handles_find_nothing);
    tcase_add_test(tests, test_slots_limit);
    tcase_add_test(tests, test_slots_grow_in_place);
    tcase_add_test(tests, test_slots_lookup_races_with_free);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
