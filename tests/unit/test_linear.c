/* test_linear.c - the checker of histories: it accepts what can be explained, and nothing else. */
#include <errno.h>
#include <string.h>

#include "support/linear.h"
#include "support/suite_main.h"

/* Rows of a history: task, kind, argument, result, begin, end. */
struct sample {
    struct linear_op ops[8];
    unsigned count;
    bool linearizable;
};

static bool check(const struct sample *sample, int64_t capacity, linear_apply apply)
{
    struct linear_history history = {.count = sample->count};
    struct linear_state initial = {{capacity}};
    memcpy(history.ops, sample->ops, sizeof sample->ops);
    return linear_check(&history, &initial, apply);
}

static const struct sample channels[] = {
    /* one after the other, in order */
    {{{0, LINEAR_SEND, 1, 0, 0, 1}, {0, LINEAR_SEND, 2, 0, 2, 3}, {1, LINEAR_RECV, 1, 1, 4, 5}},
     3,
     true},
    /* out of order */
    {{{0, LINEAR_SEND, 1, 0, 0, 1}, {0, LINEAR_SEND, 2, 0, 2, 3}, {1, LINEAR_RECV, 2, 1, 4, 5}},
     3,
     false},
    /* the sends overlap: either order */
    {{{0, LINEAR_SEND, 1, 0, 0, 3}, {2, LINEAR_SEND, 2, 0, 1, 2}, {1, LINEAR_RECV, 2, 1, 4, 5}},
     3,
     true},
    /* never sent; received twice; received before it was sent */
    {{{1, LINEAR_RECV, 9, 1, 0, 1}}, 1, false},
    {{{0, LINEAR_SEND, 1, 0, 0, 1}, {1, LINEAR_RECV, 1, 1, 2, 3}, {2, LINEAR_RECV, 1, 1, 2, 4}},
     3,
     false},
    {{{1, LINEAR_RECV, 1, 1, 0, 1}, {0, LINEAR_SEND, 1, 0, 2, 3}}, 2, false},
    /* empty though something was in it; full though there was room; beyond the capacity of two */
    {{{0, LINEAR_SEND, 1, 0, 0, 1}, {1, LINEAR_RECV, 0, -EAGAIN, 2, 3}}, 2, false},
    {{{0, LINEAR_SEND, 1, 0, 0, 1}, {1, LINEAR_SEND, 2, -EAGAIN, 2, 3}}, 2, false},
    {{{0, LINEAR_SEND, 1, 0, 0, 1}, {0, LINEAR_SEND, 2, 0, 2, 3}, {0, LINEAR_SEND, 3, 0, 4, 5}},
     3,
     false},
    /* empty while the send was under way */
    {{{0, LINEAR_SEND, 1, 0, 0, 3}, {1, LINEAR_RECV, 0, -EAGAIN, 1, 2}}, 2, true},
    /* closed: what is left first; then closed for good */
    {{{0, LINEAR_SEND, 1, 0, 0, 1},
      {0, LINEAR_CLOSE, 0, 0, 2, 3},
      {1, LINEAR_RECV, 1, 1, 4, 5},
      {1, LINEAR_RECV, 0, 0, 6, 7}},
     4,
     true},
    {{{0, LINEAR_SEND, 1, 0, 0, 1}, {0, LINEAR_CLOSE, 0, 0, 2, 3}, {1, LINEAR_RECV, 0, 0, 4, 5}},
     3,
     false},
    {{{0, LINEAR_CLOSE, 0, 0, 0, 1}, {1, LINEAR_RECV, 0, -EAGAIN, 2, 3}}, 2, false},
};

START_TEST(test_linear_channel)
{
    ck_assert_int_eq(check(&channels[_i], 2, linear_channel), channels[_i].linearizable);
}
END_TEST

static const struct sample mutexes[] = {
    {{{0, LINEAR_LOCK, 0, 0, 0, 1}, {0, LINEAR_UNLOCK, 0, 0, 2, 3}, {1, LINEAR_LOCK, 0, 0, 0, 4}},
     3,
     true},
    /* two holders; a refusal of a free one; an unlock by another task */
    {{{0, LINEAR_LOCK, 0, 0, 0, 1}, {1, LINEAR_LOCK, 0, 0, 2, 3}, {0, LINEAR_UNLOCK, 0, 0, 4, 5}},
     3,
     false},
    {{{0, LINEAR_LOCK, 0, -EBUSY, 0, 1}}, 1, false},
    {{{0, LINEAR_LOCK, 0, 0, 0, 1}, {1, LINEAR_UNLOCK, 0, 0, 2, 3}}, 2, false},
    /* refused while another one had it, or could have had it */
    {{{0, LINEAR_LOCK, 0, 0, 0, 1}, {1, LINEAR_LOCK, 0, -EBUSY, 2, 3}}, 2, true},
    {{{0, LINEAR_LOCK, 0, 0, 0, 3}, {1, LINEAR_LOCK, 0, -EBUSY, 1, 2}}, 2, true},
};

START_TEST(test_linear_mutex)
{
    ck_assert_int_eq(check(&mutexes[_i], 0, linear_mutex), mutexes[_i].linearizable);
}
END_TEST

/* Goal: what the recorder notes is what the checker reads. */
START_TEST(test_linear_records)
{
    static struct linear_history history;
    struct linear_state initial = {{1}};
    struct linear_op *first = linear_begin(&history, 0, LINEAR_SEND, 5);
    struct linear_op *second = linear_begin(&history, 1, LINEAR_RECV, 0);
    second->argument = 5;
    linear_end(&history, second, 1); /* within the send */
    ck_assert(second->begin > first->begin && second->end > second->begin);
    linear_end(&history, first, 0);
    ck_assert_uint_eq(history.count, 2);
    ck_assert(linear_check(&history, &initial, linear_channel));
    second->argument = 6;
    ck_assert(!linear_check(&history, &initial, linear_channel));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("linear");
    tcase_add_loop_test(tests, test_linear_channel, 0, (int)(sizeof channels / sizeof *channels));
    tcase_add_loop_test(tests, test_linear_mutex, 0, (int)(sizeof mutexes / sizeof *mutexes));
    tcase_add_test(tests, test_linear_records);
    return suite_main("linear", tests);
}
