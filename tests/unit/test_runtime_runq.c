/* test_runtime_runq.c - the run queue, the wait queue and the message builder of the green runtime.
 * Method: direct calls on structures of the test's own; no runtime runs. Each ring test is made
 * with indices that start at 0 and just below 2^32, where they wrap around. */
#include <string.h>
#include <unistd.h>

#include "runq.h"
#include "support/suite_main.h"
#include "text.h"

enum { STARTS = 3, TASKS = 2 * RING_SLOTS };

static const uint32_t starts[STARTS] = {0, UINT32_MAX - 3, UINT32_MAX - RING_SLOTS};

static struct task tasks[TASKS];

static void ring_begin(struct ring *ring, uint32_t start)
{
    *ring = (struct ring){.head = start, .tail = start};
}

static void ring_fill(struct ring *ring, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        ck_assert(ring_push(ring, &tasks[i]));
    }
}

START_TEST(test_ring_gives_oldest_first)
{
    struct ring ring;
    ring_begin(&ring, starts[_i]);
    ck_assert_ptr_null(ring_pop_oldest(&ring));
    for (uint32_t round = 0; round < 3; round++) {
        ring_fill(&ring, RING_SLOTS);
        for (uint32_t i = 0; i < RING_SLOTS; i++) {
            ck_assert_uint_eq(ring_length(&ring), RING_SLOTS - i);
            ck_assert_ptr_eq(ring_pop_oldest(&ring), &tasks[i]);
        }
        ck_assert_ptr_null(ring_pop_oldest(&ring));
    }
}
END_TEST

START_TEST(test_ring_gives_newest_first)
{
    struct ring ring;
    ring_begin(&ring, starts[_i]);
    ck_assert_ptr_null(ring_pop_newest(&ring));
    ring_fill(&ring, RING_SLOTS);
    for (uint32_t i = RING_SLOTS; i-- > 0;) {
        ck_assert_ptr_eq(ring_pop_newest(&ring), &tasks[i]);
        ck_assert_uint_eq(ring_length(&ring), i);
    }
    ck_assert_ptr_null(ring_pop_newest(&ring));
    ck_assert_ptr_null(ring_pop_oldest(&ring));
}
END_TEST

/* Goal: a full ring refuses and keeps what it has; one place freed at either end is one place. */
START_TEST(test_ring_refuses_when_full)
{
    struct ring ring;
    ring_begin(&ring, starts[_i]);
    ring_fill(&ring, RING_SLOTS);
    ck_assert(!ring_push(&ring, &tasks[RING_SLOTS]));
    ck_assert_ptr_eq(ring_pop_oldest(&ring), &tasks[0]);
    ck_assert(ring_push(&ring, &tasks[RING_SLOTS]));
    ck_assert(!ring_push(&ring, &tasks[0]));
    ck_assert_ptr_eq(ring_pop_newest(&ring), &tasks[RING_SLOTS]);
    ck_assert_ptr_eq(ring_pop_newest(&ring), &tasks[RING_SLOTS - 1]);
    ck_assert_ptr_eq(ring_pop_oldest(&ring), &tasks[1]);
    ck_assert_uint_eq(ring_length(&ring), RING_SLOTS - 3);
}
END_TEST

/* Goal: the older half, rounded up, in order, but no more than a batch; the rest stays. */
START_TEST(test_ring_take_half)
{
    static const uint32_t lengths[] = {
        0, 1, 2, 3, 7, 2 * RING_BATCH - 1, 2 * RING_BATCH, 2 * RING_BATCH + 1, RING_SLOTS};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct ring ring;
        struct task *batch[RING_BATCH];
        uint32_t length = lengths[i];
        ring_begin(&ring, starts[_i]);
        ring_fill(&ring, length);
        uint32_t count = ring_take_half(&ring, batch);
        ck_assert_uint_eq(count, length < 2 * RING_BATCH ? (length + 1) / 2 : RING_BATCH);
        for (uint32_t place = 0; place < count; place++) {
            ck_assert_ptr_eq(batch[place], &tasks[place]);
        }
        for (uint32_t place = count; place < length; place++) {
            ck_assert_ptr_eq(ring_pop_oldest(&ring), &tasks[place]);
        }
        ck_assert_ptr_null(ring_pop_oldest(&ring));
    }
}
END_TEST

/* Two tasks in each ring and one in each slot: 0 next, 1-2 woken, 3 fresh, 4-5 spawned. */
static void runq_fill(struct runq *queue)
{
    *queue = (struct runq){.next = &tasks[0], .fresh = &tasks[3]};
    ck_assert(ring_push(&queue->woken, &tasks[1]));
    ck_assert(ring_push(&queue->woken, &tasks[2]));
    ck_assert(ring_push(&queue->spawned, &tasks[4]));
    ck_assert(ring_push(&queue->spawned, &tasks[5]));
}

static void assert_order(struct runq *queue, struct task *(*choose)(struct runq *queue),
                         const int *order, int count)
{
    for (int i = 0; i < count; i++) {
        ck_assert_int_eq(choose(queue) - tasks, order[i]);
    }
    ck_assert_ptr_null(choose(queue));
}

START_TEST(test_runq_choose_takes_started_work_first)
{
    struct runq queue;
    runq_fill(&queue);
    assert_order(&queue, runq_choose, (const int[]){0, 1, 2, 3, 5, 4}, 6);
}
END_TEST

START_TEST(test_runq_choose_for_yield_takes_new_work_before_woken)
{
    struct runq queue;
    runq_fill(&queue);
    assert_order(&queue, runq_choose_for_yield, (const int[]){0, 3, 5, 4, 1, 2}, 6);
}
END_TEST

START_TEST(test_runq_pop_spawned_takes_newest)
{
    struct runq queue;
    runq_fill(&queue);
    assert_order(&queue, runq_pop_spawned, (const int[]){3, 5, 4}, 3);
    ck_assert_uint_eq(runq_offered(&queue), 2);
}
END_TEST

/* Goal: the two slots are not offered to thieves, but can be taken when held back for too long. */
START_TEST(test_runq_held_back)
{
    struct runq queue;
    struct task *batch[2];
    runq_fill(&queue);
    ck_assert_uint_eq(runq_offered(&queue), 4);
    ck_assert(runq_holds_back(&queue));
    ck_assert_uint_eq(runq_take_held_back(&queue, batch), 2);
    ck_assert_ptr_eq(batch[0], &tasks[0]);
    ck_assert_ptr_eq(batch[1], &tasks[3]);
    ck_assert(!runq_holds_back(&queue));
    ck_assert_uint_eq(runq_take_held_back(&queue, batch), 0);
    store_relaxed(&queue.fresh, &tasks[7]);
    ck_assert(runq_holds_back(&queue));
    ck_assert_uint_eq(runq_take_held_back(&queue, batch), 1);
    ck_assert_ptr_eq(batch[0], &tasks[7]);
    store_relaxed(&queue.next, &tasks[8]);
    ck_assert(runq_holds_back(&queue));
    ck_assert_uint_eq(runq_take_held_back(&queue, batch), 1);
    ck_assert_ptr_eq(batch[0], &tasks[8]);
}
END_TEST

START_TEST(test_runq_room_is_of_the_fuller_ring)
{
    static struct runq queue;
    ck_assert_uint_eq(runq_room(&queue), RING_SLOTS);
    ring_fill(&queue.woken, 10);
    ck_assert_uint_eq(runq_room(&queue), RING_SLOTS - 10);
    ring_fill(&queue.spawned, RING_SLOTS);
    ck_assert_uint_eq(runq_room(&queue), 0);
}
END_TEST

START_TEST(test_runq_ring_for_follows_state)
{
    static struct runq queue;
    struct task task = {.state = TASK_SPAWNED};
    ck_assert_ptr_eq(runq_ring_for(&queue, &task), &queue.spawned);
    task.state = TASK_READY;
    ck_assert_ptr_eq(runq_ring_for(&queue, &task), &queue.woken);
}
END_TEST

/* --- the wait queue ------------------------------------------------------------------------- */

static void assert_waiting(const struct waitq *queue, const int *order, int count)
{
    const struct task *before = NULL;
    const struct task *task = queue->first;
    for (int i = 0; i < count; i++, before = task, task = task->next) {
        ck_assert_ptr_eq(task, &tasks[order[i]]);
        ck_assert_ptr_eq(task->waitq, queue);
        ck_assert(i == 0 || task->prev == before);
    }
    ck_assert_ptr_null(task);
    ck_assert_ptr_eq(queue->last, before);
}

START_TEST(test_waitq_order)
{
    struct waitq queue = {0};
    ck_assert_ptr_null(waitq_pop(&queue));
    waitq_push(&queue, &tasks[1]);
    waitq_push(&queue, &tasks[2]);
    waitq_push_front(&queue, &tasks[0]);
    waitq_push(&queue, &tasks[3]);
    assert_waiting(&queue, (const int[]){0, 1, 2, 3}, 4);
    ck_assert_ptr_eq(waitq_pop(&queue), &tasks[0]);
    ck_assert_ptr_null(tasks[0].waitq);
    assert_waiting(&queue, (const int[]){1, 2, 3}, 3);
}
END_TEST

START_TEST(test_waitq_remove_anywhere)
{
    struct waitq queue = {0};
    for (int i = 0; i < 5; i++) {
        waitq_push(&queue, &tasks[i]);
    }
    waitq_remove(&queue, &tasks[2]); /* in the middle */
    assert_waiting(&queue, (const int[]){0, 1, 3, 4}, 4);
    waitq_remove(&queue, &tasks[0]); /* first */
    assert_waiting(&queue, (const int[]){1, 3, 4}, 3);
    waitq_remove(&queue, &tasks[4]); /* last */
    assert_waiting(&queue, (const int[]){1, 3}, 2);
    ck_assert_ptr_eq(waitq_pop(&queue), &tasks[1]);
    waitq_remove(&queue, &tasks[3]); /* the only one, after a pop */
    assert_waiting(&queue, NULL, 0);
    waitq_push_front(&queue, &tasks[0]);
    assert_waiting(&queue, (const int[]){0}, 1);
    ck_assert_ptr_eq(waitq_pop(&queue), &tasks[0]);
    assert_waiting(&queue, NULL, 0);
}
END_TEST

START_TEST(test_waitq_pop_all)
{
    struct waitq queue = {0};
    ck_assert_ptr_null(waitq_pop_all(&queue));
    for (int i = 0; i < 3; i++) {
        waitq_push(&queue, &tasks[i]);
    }
    const struct task *task = waitq_pop_all(&queue);
    assert_waiting(&queue, NULL, 0);
    for (int i = 0; i < 3; i++, task = task->next) {
        ck_assert_ptr_eq(task, &tasks[i]);
        ck_assert_ptr_null(task->waitq);
    }
    ck_assert_ptr_null(task);
}
END_TEST

/* --- text ----------------------------------------------------------------------------------- */

/* What is written to a pipe; cuts nothing that a text can hold. */
static const char *written(struct text *text)
{
    static char bytes[2 * TEXT_BYTES];
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    text_write(text, ends[1]);
    close(ends[1]);
    ssize_t got = read(ends[0], bytes, sizeof bytes - 1);
    close(ends[0]);
    ck_assert_int_ge(got, 0);
    bytes[got] = '\0';
    return bytes;
}

START_TEST(test_text_builds_message)
{
    struct text text = {.used = 0};
    text_add(&text, "task ");
    text_add_number(&text, 0);
    text_add(&text, " ");
    text_add_number(&text, UINT64_MAX);
    text_add(&text, " at ");
    text_add_pointer(&text, (void *)(uintptr_t)0x7fffdeadbee0);
    text_add(&text, "");
    ck_assert_str_eq(written(&text), "task 0 18446744073709551615 at 0x7fffdeadbee0");
    ck_assert_str_eq(written(&text), ""); /* it is empty again */
    text_add(&text, "again");
    ck_assert_str_eq(written(&text), "again");
}
END_TEST

/* Goal: what does not fit is cut, and the bytes behind stay. */
START_TEST(test_text_cuts)
{
    struct {
        struct text text;
        char behind;
    } guarded = {.behind = 'x'};
    for (int i = 0; i < TEXT_BYTES; i++) {
        text_add(&guarded.text, "abc");
        text_add_number(&guarded.text, 1234567);
    }
    ck_assert_uint_eq(guarded.text.used, TEXT_BYTES);
    ck_assert_int_eq(guarded.behind, 'x');
    const char *bytes = written(&guarded.text);
    ck_assert_uint_eq(strlen(bytes), TEXT_BYTES);
    ck_assert_int_eq(strncmp(bytes, "abc1234567abc", 13), 0);
}
END_TEST

/* Goal: nobody reads: the message is given up, no endless loop. */
START_TEST(test_text_write_to_nobody)
{
    struct text text = {.used = 0};
    text_add(&text, "lost");
    text_write(&text, -1);
    ck_assert_uint_eq(text.used, 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_runq");
    tcase_add_loop_test(tests, test_ring_gives_oldest_first, 0, STARTS);
    tcase_add_loop_test(tests, test_ring_gives_newest_first, 0, STARTS);
    tcase_add_loop_test(tests, test_ring_refuses_when_full, 0, STARTS);
    tcase_add_loop_test(tests, test_ring_take_half, 0, STARTS);
    tcase_add_test(tests, test_runq_choose_takes_started_work_first);
    tcase_add_test(tests, test_runq_choose_for_yield_takes_new_work_before_woken);
    tcase_add_test(tests, test_runq_pop_spawned_takes_newest);
    tcase_add_test(tests, test_runq_held_back);
    tcase_add_test(tests, test_runq_room_is_of_the_fuller_ring);
    tcase_add_test(tests, test_runq_ring_for_follows_state);
    tcase_add_test(tests, test_waitq_order);
    tcase_add_test(tests, test_waitq_remove_anywhere);
    tcase_add_test(tests, test_waitq_pop_all);
    tcase_add_test(tests, test_text_builds_message);
    tcase_add_test(tests, test_text_cuts);
    tcase_add_test(tests, test_text_write_to_nobody);
    return suite_main("runtime_runq", tests);
}
