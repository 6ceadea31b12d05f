/* preempt_kinds.c - see preempt_kinds.h. Each loop stands in the function that is called once a
 * stint, and has no other call in it than its kind says. */
#include "preempt_kinds.h"

#include <stdlib.h>
#include <string.h>

#define LOOP_ITERATIONS 20000
#define SORTED 2000
#define COPIED ((size_t)256 << 10)

/* One more step. False when the stint is over. */
static inline __attribute__((always_inline)) bool goes_on(struct preempt_stint *stint)
{
    // relaxed, all: a count and a wish
    store_relaxed(&stint->done, load_relaxed(&stint->done) + 1);
    return !load_relaxed(&stint->over) && sy_now() < stint->end;
}

static void run_calls(struct preempt_stint *stint)
{
    sy_sem sem;
    sy_sem_init(&sem, 0);
    do {
        sy_sem_post(&sem);
        sy_sem_trywait(&sem);
    } while (goes_on(stint));
    sy_sem_destroy(&sem);
}

static __attribute__((noinline)) uint64_t fibonacci(uint64_t n)
{
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static void run_functions(struct preempt_stint *stint)
{
    do {
        uint64_t result = fibonacci(12);
        __asm__ volatile("" : : "r"(result));
    } while (goes_on(stint));
}

static void run_loop(struct preempt_stint *stint)
{
    do {
        for (uint32_t i = 0; i < LOOP_ITERATIONS; i++) {
            __asm__ volatile("");
        }
    } while (goes_on(stint));
}

static void run_malloc(struct preempt_stint *stint)
{
    uint64_t round = 0;
    do {
        void *memory = malloc(64u << (round++ % 7));
        __asm__ volatile("" : : "r"(memory) : "memory");
        free(memory);
    } while (goes_on(stint));
}

static int compare(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static void run_qsort(struct preempt_stint *stint)
{
    uint32_t numbers[SORTED];
    uint32_t seed = 1;
    do {
        for (uint32_t i = 0; i < SORTED; i++) {
            seed = seed * 1664525u + 1013904223u; /* Numerical Recipes, "quick and dirty" */
            numbers[i] = seed;
        }
        qsort(numbers, SORTED, sizeof *numbers, compare);
    } while (goes_on(stint));
}

static void run_memcpy(struct preempt_stint *stint)
{
    char *from = calloc(2, COPIED);
    do {
        if (from != NULL) {
            memcpy(from + COPIED, from, COPIED);
        }
        __asm__ volatile("" : : "r"(from) : "memory");
    } while (goes_on(stint));
    free(from);
}

const struct preempt_kind *preempt_kind_at(uint32_t kind)
{
    static const struct preempt_kind kinds[PREEMPT_KINDS] = {
        {run_calls}, {run_functions}, {run_loop}, {run_malloc}, {run_qsort}, {run_memcpy},
    };
    return &kinds[kind];
}
