/* test_control.c - the floating-point control words belong to a context; the status flags do not.
 * Method: contexts with different control words switch in a ring; each looks at its words and at
 * what they do to a division. */
#include <fenv.h>

#include "context.h"
#include "expect.h"
#include "fill.h"
#include "suites.h"

#define ROUNDS 1000
#define CONTEXTS 6

static struct context ring[CONTEXTS];
static uint64_t words[CONTEXTS];
static double third[CONTEXTS];
static unsigned words_wrong;
static unsigned results_wrong;

static uint64_t control_words(void)
{
    return arch_control_words() & CONTROL_MASK;
}

static double divide(void)
{
    volatile double one = 1.0;
    volatile double three = -3.0;
    return one / three;
}

static void ring_body(struct context *self)
{
    struct context *next = &ring[(self->number + 1) % CONTEXTS];
    for (unsigned round = 0; round < ROUNDS; round++) {
        words_wrong += control_words() != words[self->number];
        results_wrong += divide() != third[self->number];
        context_switch(self, next);
    }
}

static void choose_words(void)
{
    static const int modes[CONTEXTS - 2] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    uint64_t standard = control_words();
    words[CONTEXTS - 2] = standard ^ CONTROL_BIT_Y;
    words[CONTEXTS - 1] = standard ^ CONTROL_BIT_X; /* next to the standard: x87 alone differs */
    third[CONTEXTS - 2] = third[CONTEXTS - 1] = divide();
    for (unsigned i = 0; i < CONTEXTS - 2; i++) {
        fesetround(modes[i]);
        words[i] = control_words();
        third[i] = divide();
    }
    fill_control_words(standard);
    feclearexcept(FE_ALL_EXCEPT);
    EXPECT(third[1] > third[2]); /* up and down differ, or the test would see nothing */
}

static void test_control_words_stay_with_their_context(void)
{
    context_proc_init(&context_proc);
    feclearexcept(FE_ALL_EXCEPT);
    choose_words();
    uint64_t standard = control_words();
    for (unsigned i = 1; i < CONTEXTS; i++) {
        context_init(&ring[i], ring_body, words[i]);
        ring[i].number = i;
        ring[i].back = &ring[(i + 1) % CONTEXTS];
    }
    ring_body(&ring[0]);
    context_switch(&ring[0], &ring[1]); /* each sees its last round and ends */
    EXPECT(words_wrong == 0);
    EXPECT(results_wrong == 0);
    EXPECT(control_words() == standard);
    for (unsigned i = 1; i < CONTEXTS; i++) {
        context_destroy(&ring[i]);
    }
}

/* --- a context that sets its own mode --------------------------------------------------------- */

static struct context home;
static struct context other;
static unsigned modes_wrong;

static void setting_body(struct context *self)
{
    modes_wrong += fegetround() != FE_TONEAREST;
    fesetround(FE_UPWARD);
    context_switch(self, &home);
    modes_wrong += fegetround() != FE_UPWARD;
}

static void test_mode_set_in_one_context_is_not_seen_in_another(void)
{
    context_init(&other, setting_body, arch_control_words());
    other.back = &home;
    context_switch(&home, &other);
    EXPECT(fegetround() == FE_TONEAREST);
    fesetround(FE_DOWNWARD);
    context_switch(&home, &other);
    EXPECT(fegetround() == FE_DOWNWARD);
    EXPECT(modes_wrong == 0);
    fesetround(FE_TONEAREST);
    context_destroy(&other);
}

/* --- status flags ----------------------------------------------------------------------------- */

static int flags_in_other;

static void looking_body(struct context *self)
{
    context_switch(self, &home);
    flags_in_other = fetestexcept(FE_ALL_EXCEPT);
}

/* A reload would bring back the flags that were saved. That they are still those of the context
 * before shows that there was none, though MXCSR as a whole differs. */
static void test_status_flags_force_no_reload(void)
{
    feclearexcept(FE_ALL_EXCEPT);
    context_init(&other, looking_body, arch_control_words());
    other.back = &home;
    context_switch(&home, &other);
    volatile double inexact = divide();
    (void)inexact;
    EXPECT((fetestexcept(FE_ALL_EXCEPT) & FE_INEXACT) != 0);
    context_switch(&home, &other);
    EXPECT((flags_in_other & FE_INEXACT) != 0);
    feclearexcept(FE_ALL_EXCEPT);
    context_destroy(&other);
}

void test_control(void)
{
    test_control_words_stay_with_their_context();
    test_mode_set_in_one_context_is_not_seen_in_another();
    test_status_flags_force_no_reload();
}
