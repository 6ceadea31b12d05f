/* test_runtime_cold_room.c - the store of hibernated stacks. Method: direct calls; no runtime
 * runs. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cold_room.h"
#include "support/suite_main.h"

enum { BLOCKS = 2000 };

struct held {
    uint32_t block;
    size_t bytes;
    unsigned char mark;
};

static struct held held[BLOCKS];

static void put(struct held *place, size_t bytes, unsigned char mark)
{
    *place = (struct held){cold_room_new(bytes), bytes, mark};
    ck_assert_uint_ne(place->block, COLD_BLOCK_NONE);
    memset(cold_room_bytes(place->block), mark, bytes);
}

static void take(struct held *place)
{
    const char *bytes = cold_room_bytes(place->block);
    size_t same = 0;
    while (same < place->bytes && (unsigned char)bytes[same] == place->mark) {
        same++;
    }
    ck_assert_msg(same == place->bytes, "byte %zu of %zu", same, place->bytes);
    cold_room_free(place->block);
    place->block = COLD_BLOCK_NONE;
}

/* Goal: blocks of all sizes, made and freed in any order with sweeps in between, do not overlap. */
START_TEST(test_cold_room_keeps_bytes)
{
    unsigned seed = 20261125u + (unsigned)_i;
    ck_assert_int_eq(cold_room_init(BLOCKS * 16), 0);
    for (int step = 0; step < 60000; step++) {
        struct held *place = &held[rand_r(&seed) % BLOCKS];
        if (place->block != COLD_BLOCK_NONE) {
            take(place);
        } else if (rand_r(&seed) % 8 != 0) {
            put(place, 1 + rand_r(&seed) % 700, (unsigned char)step);
        } else {
            put(place, 1 + rand_r(&seed) % COLD_BLOCK_MAX, (unsigned char)step);
        }
        if (step % 5000 == 0) {
            cold_room_sweep();
        }
    }
    cold_room_destroy();
}
END_TEST

static size_t resident_bytes(const char *from, const char *to)
{
    static unsigned char pages[1 << 16];
    char *start = (char *)((uintptr_t)from & ~(uintptr_t)4095);
    size_t count = (size_t)(to - start) / 4096 + 1;
    size_t resident = 0;
    ck_assert_uint_le(count, sizeof pages);
    ck_assert_int_eq(mincore(start, count * 4096, pages), 0);
    for (size_t i = 0; i < count; i++) {
        resident += pages[i] & 1u;
    }
    return resident * 4096;
}

/* Goal: many equal blocks take little more than their bytes; when they are freed and swept, no
 * memory is left; before, all of it. */
START_TEST(test_cold_room_returns_memory)
{
    enum { BYTES = 288 };
    ck_assert_int_eq(cold_room_init(BLOCKS), 0);
    for (int i = 0; i < BLOCKS; i++) {
        put(&held[i], BYTES, (unsigned char)i);
    }
    const char *first = cold_room_bytes(held[0].block);
    const char *last = cold_room_bytes(held[BLOCKS - 1].block);
    ck_assert_uint_le(resident_bytes(first, last), BLOCKS * BYTES * 11 / 10);
    ck_assert_uint_ge(cold_room_held(), BLOCKS * BYTES);
    for (int i = 0; i < BLOCKS; i++) {
        take(&held[i]);
    }
    ck_assert_uint_ge(resident_bytes(first, last), BLOCKS * BYTES);
    cold_room_sweep();
    ck_assert_uint_eq(resident_bytes(first, last), 0);
    ck_assert_uint_eq(cold_room_held(), 0);
    cold_room_destroy();
}
END_TEST

/* Goal: at the end of its room it refuses; what is freed can be used again, for any size. */
START_TEST(test_cold_room_is_full)
{
    static uint32_t blocks[1 << 16];
    uint32_t count = 0;
    ck_assert_int_eq(cold_room_init(1), 0);
    while ((blocks[count] = cold_room_new(1000)) != COLD_BLOCK_NONE) {
        count++;
    }
    ck_assert_uint_ge(count, 900); /* 62 chunks of 16 blocks */
    ck_assert_uint_eq(cold_room_new(COLD_BLOCK_MAX), COLD_BLOCK_NONE);
    for (uint32_t i = 0; i < count; i++) {
        cold_room_free(blocks[i]);
    }
    ck_assert_uint_eq(cold_room_new(COLD_BLOCK_MAX), COLD_BLOCK_NONE); /* not before a sweep */
    cold_room_sweep();
    ck_assert_uint_ne(cold_room_new(COLD_BLOCK_MAX), COLD_BLOCK_NONE);
    cold_room_destroy();
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_cold_room");
    tcase_add_loop_test(tests, test_cold_room_keeps_bytes, 0, 3);
    tcase_add_test(tests, test_cold_room_returns_memory);
    tcase_add_test(tests, test_cold_room_is_full);
    return suite_main("runtime_cold_room", tests);
}
