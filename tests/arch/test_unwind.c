/* test_unwind.c - a saved context's backtrace, made on its stack, is the one that it would have
 * made itself. */
#include <execinfo.h>
#include <string.h>

#include "context.h"
#include "expect.h"
#include "suites.h"

#define DEPTH 7
#define FRAMES 64

static struct context home;
static struct context other;
static void *own[FRAMES];
static int own_count;
static void *walked[FRAMES];
static int walked_count;

static __attribute__((noinline)) int descend(struct context *self, int depth)
{
    if (depth > 0) {
        volatile int below = descend(self, depth - 1); /* volatile: a real call, no loop */
        return below + 1;
    }
    own_count = backtrace(own, FRAMES);
    store_relaxed(&context_proc.in_section, 1);
    return sy_switch(&self->task, &home.task, &context_proc) + 1;
}

static void descending_body(struct context *self)
{
    descend(self, DEPTH);
}

static void walk(void *argument)
{
    *(int *)argument += 1;
    walked_count = backtrace(walked, FRAMES);
}

static void test_backtrace_of_saved_context(void)
{
    int calls = 0;
    context_proc_init(&context_proc);
    context_init(&other, descending_body, arch_control_words());
    other.back = &home;
    context_switch(&home, &other);
    arch_call_on(other.task.sp, walk, &calls);
    EXPECT(calls == 1);
    EXPECT(own_count >= DEPTH + 2 && own_count < FRAMES); /* descend, its body; it ends */
    /* walk and arch_call_on come first; then the same frames, but for the place in the last. */
    EXPECT(walked_count == own_count + 2);
    EXPECT(memcmp(&walked[3], &own[1], (size_t)(own_count - 1) * sizeof own[0]) == 0);
    context_destroy(&other);
}

void test_unwind(void)
{
    test_backtrace_of_saved_context();
}
