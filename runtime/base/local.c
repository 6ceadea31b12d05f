/* local.c - task-local values: a table of keys for all, and one of values for each task that has
 * set any, with the same places.
 *
 * A key's generation is odd while it exists, and changes when it is made and freed. A value carries
 * the generation that it was set under, and counts only under that one: so freeing a key needs to
 * look at no task, and a new key in the same place finds no old values.
 * The table changes under a lock. The generation is also read without: who sets or gets a value of
 * a key that is being freed at the same time may come before or after.
 * Source: POSIX, pthread_key_create (the rounds of destructors).
 */
#include "base/local.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/handle.h"
#include "base/spin.h"

struct local {
    struct {
        uint32_t generation; /* 0: never set */
        void *value;
    } places[SY_KEYS_MAX];
};

static struct {
    struct spin lock;
    struct {
        _Atomic uint32_t generation;     /* written under lock, read by anyone */
        void (*destructor)(void *value); /* lock */
    } keys[SY_KEYS_MAX];
} table;

/* The place of the key, or SY_KEYS_MAX if there is no such key. */
static uint32_t find(sy_key key)
{
    uint32_t place = handle_slot(key.id);
    bool found = place < SY_KEYS_MAX && (handle_generation(key.id) & 1) != 0 &&
                 /* acquire: pairs with the release in sy_key_new and sy_key_free */
                 load_acquire(&table.keys[place].generation) == handle_generation(key.id);
    return found ? place : SY_KEYS_MAX;
}

/* Under the lock. */
static void renew(uint32_t place)
{
    /* relaxed: written under the lock. release: pairs with the acquire in find */
    uint32_t generation = load_relaxed(&table.keys[place].generation);
    store_release(&table.keys[place].generation, generation + 1);
}

int sy_key_new(sy_key *key, void (*destructor)(void *value))
{
    uint32_t place = 0;
    (void)local_of_task(__func__);
    if (key == NULL) {
        return -EINVAL;
    }
    spin_lock(&table.lock);
    /* relaxed, both: written under the lock */
    while (place < SY_KEYS_MAX && (load_relaxed(&table.keys[place].generation) & 1) != 0) {
        place++;
    }
    if (place < SY_KEYS_MAX) {
        table.keys[place].destructor = destructor;
        renew(place);
        *key = (sy_key){handle_make(place, load_relaxed(&table.keys[place].generation))};
    }
    spin_unlock(&table.lock);
    return place < SY_KEYS_MAX ? 0 : -EAGAIN;
}

int sy_key_free(sy_key key)
{
    (void)local_of_task(__func__);
    spin_lock(&table.lock);
    uint32_t place = find(key);
    if (place < SY_KEYS_MAX) {
        renew(place);
    }
    spin_unlock(&table.lock);
    return place < SY_KEYS_MAX ? 0 : -ESRCH;
}

int sy_local_set(sy_key key, void *value)
{
    struct local **locals = local_of_task(__func__);
    uint32_t place = find(key);
    if (place == SY_KEYS_MAX) {
        return -ESRCH;
    }
    if (*locals == NULL) {
        *locals = calloc(1, sizeof **locals);
    }
    if (*locals == NULL) {
        return -ENOMEM;
    }
    (*locals)->places[place].generation = handle_generation(key.id);
    (*locals)->places[place].value = value;
    return 0;
}

void *sy_local_get(sy_key key)
{
    struct local *locals = *local_of_task(__func__);
    uint32_t place = find(key);
    bool set = locals != NULL && place < SY_KEYS_MAX &&
               locals->places[place].generation == handle_generation(key.id);
    return set ? locals->places[place].value : NULL;
}

/* The destructor of the key in that place, if it still is the one of that generation. */
static void (*destructor_of(uint32_t place, uint32_t generation))(void *)
{
    void (*destructor)(void *) = NULL;
    spin_lock(&table.lock);
    /* relaxed: written under the lock */
    if ((generation & 1) != 0 && load_relaxed(&table.keys[place].generation) == generation) {
        destructor = table.keys[place].destructor;
    }
    spin_unlock(&table.lock);
    return destructor;
}

/* One round. True if it called a destructor. */
static bool destroy_values(struct local *locals)
{
    bool called = false;
    for (uint32_t place = 0; place < SY_KEYS_MAX; place++) {
        void *value = locals->places[place].value;
        locals->places[place].value = NULL;
        if (value != NULL) {
            void (*destructor)(void *) = destructor_of(place, locals->places[place].generation);
            if (destructor != NULL) {
                destructor(value);
                called = true;
            }
        }
    }
    return called;
}

void local_end(struct local **locals)
{
    for (int round = 0; round < SY_DESTRUCTOR_ROUNDS && destroy_values(*locals); round++) {
    }
    free(*locals);
    *locals = NULL;
}
