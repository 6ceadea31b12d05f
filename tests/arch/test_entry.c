/* test_entry.c - the first entry of a context, what the switch returns, the end of a context. */
#include <errno.h>
#include <limits.h>

#include "context.h"
#include "expect.h"
#include "suites.h"

static struct context home;
static struct context other;
static struct context *entered_with;
static uintptr_t frame_at_entry;
static int results[3];

static void begin(void (*body)(struct context *self))
{
    context_proc_init(&context_proc);
    context_init(&other, body, arch_control_words());
    other.back = &home;
}

/* The frame address is that of the saved frame pointer, which stands below the return address where
 * the call pushes one: 16-byte aligned if the stack was at the call. */
static __attribute__((noinline)) void entry_body(struct context *self)
{
    entered_with = self;
    frame_at_entry = (uintptr_t)__builtin_frame_address(0);
}

static void test_entry_gets_task_and_aligned_stack(void)
{
    begin(entry_body);
    context_switch(&home, &other);
    uintptr_t bottom = (uintptr_t)other.stack;
    EXPECT(entered_with == &other);
    EXPECT(frame_at_entry % 16 == 0);
    EXPECT(frame_at_entry > bottom && frame_at_entry < bottom + CONTEXT_STACK_BYTES);
    EXPECT(frame_at_entry > bottom + CONTEXT_STACK_BYTES - 1024); /* nothing is wasted */
    context_destroy(&other);
}

static void result_body(struct context *self)
{
    home.task.result = -ETIMEDOUT;
    results[0] = context_switch(self, &home);
    home.task.result = INT_MIN;
    results[1] = context_switch(self, &home);
    home.task.result = INT_MAX;
}

static void test_switch_returns_result_of_resumed_context(void)
{
    begin(result_body);
    EXPECT(context_switch(&home, &other) == -ETIMEDOUT);
    other.task.result = 7;
    EXPECT(context_switch(&home, &other) == INT_MIN);
    other.task.result = -1;
    EXPECT(context_switch(&home, &other) == INT_MAX);
    EXPECT(results[0] == 7 && results[1] == -1);
    context_destroy(&other);
}

static void ending_body(struct context *self)
{
    self->task.sp = self; /* no stack pointer: it must stay as it is */
    self->task.result = 1;
}

static void test_resume_saves_nothing_and_leaves_the_section(void)
{
    static _Atomic uint32_t shared_lock = 1;
    begin(ending_body);
    home.task.result = 42;
    context_proc.release = &shared_lock;
    EXPECT(context_switch(&home, &other) == 42);
    EXPECT(other.task.sp == &other);
    EXPECT(load_relaxed(&shared_lock) == 0);
    EXPECT(load_relaxed(&context_proc.in_section) == 0);
    EXPECT(context_proc.release == &context_proc.in_section);
    context_destroy(&other);
}

void test_entry(void)
{
    test_entry_gets_task_and_aligned_stack();
    test_switch_returns_result_of_resumed_context();
    test_resume_saves_nothing_and_leaves_the_section();
}
