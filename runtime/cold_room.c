/* cold_room.c - see cold_room.h. */
#include "cold_room.h"

#include <errno.h>
#include <sys/mman.h>

#include "base/atomic.h"

#define UNIT ((size_t)16)
#define CHUNK_BYTES ((size_t)16 << 10)
#define CHUNK_UNITS (CHUNK_BYTES / UNIT)
#define FEWEST_UNITS 4u /* of a block */
#define FINE_UNITS 64u  /* up to here each number of units is a class ... */
#define COARSE 16u      /* ... and from there each so many */
#define CLASSES (FINE_UNITS + (CHUNK_UNITS - FINE_UNITS) / COARSE + 1)
#define MAP_WORDS (CHUNK_UNITS / FEWEST_UNITS / 64)
#define USUAL_BYTES ((size_t)1 << 10) /* address space for each block */
#define CHUNKS_MIN 64u
#define CHUNKS_MAX ((uint32_t)1 << 21) /* blocks are numbered by units, in 32 bits: 32 GiB */

/* The number of a chunk is never 0, so 0 ends lists. The first and the last are not used: what is
 * around a block may be read. */
struct chunk {
    _Atomic uint64_t taken[MAP_WORDS]; /* bit i: block i is in use. Set by sysmon, cleared by all */
    uint32_t units;                    /* of a block; sysmon */
    uint32_t next;                     /* in one of the lists; sysmon */
};

/* Sysmon's, but for what is immutable. */
static struct {
    char *memory;           /* immutable: [chunks] */
    struct chunk *chunks;   /* immutable */
    uint32_t chunks_count;  /* immutable */
    uint32_t made;          /* chunks below have been used */
    uint32_t held;          /* chunks with a size, and so with memory */
    uint32_t empty;         /* list: without size and memory */
    uint32_t open[CLASSES]; /* lists: perhaps with room; the first is in use */
} store;

static void *reserve(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory != MAP_FAILED ? memory : NULL;
}

int cold_room_init(uint32_t blocks)
{
    uint64_t chunks = blocks * (uint64_t)USUAL_BYTES / CHUNK_BYTES + CHUNKS_MIN;
    chunks = chunks < CHUNKS_MAX ? chunks : CHUNKS_MAX;
    store.chunks_count = (uint32_t)chunks;
    store.made = 1;
    store.held = 0;
    store.empty = 0;
    for (uint32_t i = 0; i < CLASSES; i++) {
        store.open[i] = 0;
    }
    store.memory = reserve(chunks * CHUNK_BYTES);
    store.chunks = reserve(chunks * sizeof *store.chunks);
    if (store.memory == NULL || store.chunks == NULL) {
        cold_room_destroy();
        return -ENOMEM;
    }
    madvise(store.memory, chunks * CHUNK_BYTES, MADV_NOHUGEPAGE); /* may fail: none at all */
    return 0;
}

void cold_room_destroy(void)
{
    if (store.memory != NULL) {
        munmap(store.memory, store.chunks_count * CHUNK_BYTES);
    }
    if (store.chunks != NULL) {
        munmap(store.chunks, store.chunks_count * sizeof *store.chunks);
    }
    store.memory = NULL;
    store.chunks = NULL;
}

static uint32_t class_of(uint32_t units)
{
    return units <= FINE_UNITS ? units : FINE_UNITS + (units - FINE_UNITS + COARSE - 1) / COARSE;
}

static uint32_t units_of(uint32_t class)
{
    return class <= FINE_UNITS ? class : FINE_UNITS + (class - FINE_UNITS) * COARSE;
}

/* The first free block of the chunk, which is its from now on; or how many it has at most. */
static uint32_t take_block(struct chunk *chunk)
{
    uint32_t blocks = (uint32_t)CHUNK_UNITS / chunk->units;
    for (uint32_t word = 0; word * 64 < blocks; word++) {
        /* acquire: pairs with the release in cold_room_free: its last reader is done */
        uint64_t taken = load_acquire(&chunk->taken[word]);
        if (taken == UINT64_MAX) {
            continue;
        }
        uint32_t bit = (uint32_t)__builtin_ctzll(~taken);
        if (word * 64 + bit >= blocks) {
            break;
        }
        fetch_add_relaxed(&chunk->taken[word], (uint64_t)1 << bit); /* relaxed: only sysmon sets */
        return word * 64 + bit;
    }
    return blocks;
}

/* A chunk without size; 0 if there is none. */
static uint32_t take_empty(void)
{
    uint32_t chunk = store.empty;
    if (chunk != 0) {
        store.empty = store.chunks[chunk].next;
        return chunk;
    }
    return store.made < store.chunks_count - 1 ? store.made++ : 0;
}

static uint32_t number_of(uint32_t chunk, uint32_t block)
{
    return chunk * (uint32_t)CHUNK_UNITS + block * store.chunks[chunk].units;
}

uint32_t cold_room_new(size_t bytes)
{
    uint32_t needed = (uint32_t)((bytes + UNIT - 1) / UNIT);
    uint32_t class = class_of(needed < FEWEST_UNITS ? FEWEST_UNITS : needed);
    while (store.open[class] != 0) {
        uint32_t first = store.open[class];
        uint32_t block = take_block(&store.chunks[first]);
        if (block < CHUNK_UNITS / store.chunks[first].units) {
            return number_of(first, block);
        }
        store.open[class] = store.chunks[first].next;
    }
    uint32_t chunk = take_empty();
    if (chunk == 0) {
        return COLD_BLOCK_NONE;
    }
    store.held++;
    store.chunks[chunk].units = units_of(class);
    store.chunks[chunk].next = 0;
    store.open[class] = chunk;
    return number_of(chunk, take_block(&store.chunks[chunk]));
}

void cold_room_free(uint32_t block)
{
    struct chunk *chunk = &store.chunks[block / CHUNK_UNITS];
    uint32_t index = block % (uint32_t)CHUNK_UNITS / chunk->units;
    /* release: pairs with the acquire in take_block: we have read the block */
    fetch_sub_release(&chunk->taken[index / 64], (uint64_t)1 << index % 64);
}

char *cold_room_bytes(uint32_t block)
{
    return store.memory + block * UNIT;
}

static bool has_blocks(struct chunk *chunk)
{
    uint64_t any = 0;
    for (uint32_t word = 0; word < MAP_WORDS; word++) {
        any |= load_acquire(&chunk->taken[word]); /* acquire: as in take_block */
    }
    return any != 0;
}

void cold_room_sweep(void)
{
    for (uint32_t class = 0; class < CLASSES; class ++) {
        store.open[class] = 0;
    }
    store.empty = 0;
    store.held = 0;
    for (uint32_t number = store.made - 1; number > 0; number--) {
        struct chunk *chunk = &store.chunks[number];
        uint32_t *list = &store.empty;
        if (chunk->units != 0 && has_blocks(chunk)) {
            list = &store.open[class_of(chunk->units)];
            store.held++;
        } else if (chunk->units != 0) {
            madvise(store.memory + number * CHUNK_BYTES, CHUNK_BYTES, MADV_DONTNEED);
            chunk->units = 0;
        }
        chunk->next = *list;
        *list = number;
    }
}

size_t cold_room_held(void)
{
    return store.held * CHUNK_BYTES;
}
