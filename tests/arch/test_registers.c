/* test_registers.c - what a call must preserve is preserved over a switch.
 * Method: three contexts in a ring fill all callee-saved registers with patterns of their own, in
 * assembly, switch, and compare when they are resumed; the others have overwritten everything in
 * between. */
#include <string.h>

#include "context.h"
#include "expect.h"
#include "fill.h"
#include "suites.h"

#define ROUNDS 20000
#define CONTEXTS 3

void sy_raw_swap(void **save, void *to); /* switch.S */

static struct context ring[CONTEXTS];
static unsigned rounds_right[CONTEXTS];

/* Different for each register, context and round, with all bytes in use: as a double it is any
 * number, infinity or NaN, of which no bit may change. */
static void make_pattern(uint64_t *pattern, uint64_t context, uint64_t round)
{
    for (uint64_t i = 0; i < CALLEE_SAVED; i++) {
        uint64_t x = (context << 56 | round << 8 | i) + 1;
        x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u; /* splitmix64: Steele, Lea and Flood (2014) */
        x = (x ^ x >> 27) * 0x94d049bb133111ebu;
        pattern[i] = x ^ x >> 31;
    }
}

static int switch_filled(void *from, void *to, void *proc)
{
    return sy_switch(from, to, proc);
}

static void go_round(struct context *self, struct context *next, uint64_t round)
{
    uint64_t before[CALLEE_SAVED];
    uint64_t after[CALLEE_SAVED];
    make_pattern(before, self->number, round);
    memset(after, 0, sizeof after);
    store_relaxed(&context_proc.in_section, 1);
    fill_call(before, after, switch_filled, &self->task, &next->task, &context_proc);
    rounds_right[self->number] += memcmp(before, after, sizeof before) == 0;
}

static void ring_body(struct context *self)
{
    struct context *next = &ring[(self->number + 1) % CONTEXTS];
    for (uint64_t round = 0; round < ROUNDS; round++) {
        go_round(self, next, round);
    }
}

static void test_switch_preserves_registers(void)
{
    context_proc_init(&context_proc);
    for (uint64_t i = 1; i < CONTEXTS; i++) {
        context_init(&ring[i], ring_body, arch_control_words());
        ring[i].number = i;
        ring[i].back = &ring[(i + 1) % CONTEXTS];
    }
    ring_body(&ring[0]);
    context_switch(&ring[0], &ring[1]); /* each sees its last round and ends */
    for (unsigned i = 0; i < CONTEXTS; i++) {
        EXPECT(rounds_right[i] == ROUNDS);
    }
    for (unsigned i = 1; i < CONTEXTS; i++) {
        context_destroy(&ring[i]);
    }
}

/* --- the raw swap --------------------------------------------------------------------------- */

static void *raw_main;
static void *raw_partner;
static unsigned raw_wrong;

static int raw_filled(void *save, void *to, void *unused)
{
    (void)unused;
    sy_raw_swap(save, to);
    return 0;
}

static void raw_round(uint64_t context, uint64_t round, void **save, void **to)
{
    uint64_t before[CALLEE_SAVED];
    uint64_t after[CALLEE_SAVED];
    make_pattern(before, context, round);
    fill_call(before, after, raw_filled, save, *to, NULL);
    raw_wrong += memcmp(before, after, sizeof before) != 0;
}

static void raw_entry(void)
{
    for (uint64_t round = 0;; round++) {
        raw_round(1, round, &raw_partner, &raw_main);
    }
}

static void test_raw_swap_preserves_registers(void)
{
    static _Alignas(16) char stack[16 << 10];
    raw_partner = arch_raw_frame(stack + sizeof stack, raw_entry);
    for (uint64_t round = 0; round < ROUNDS; round++) {
        raw_round(2, round, &raw_main, &raw_partner);
    }
    EXPECT(raw_wrong == 0);
    EXPECT((char *)raw_partner > stack && (char *)raw_partner < stack + sizeof stack);
}

void test_registers(void)
{
    test_switch_preserves_registers();
    test_raw_swap_preserves_registers();
}
