/* test_wrong.c - what a file of mistakes says is judged by its numbers, and a file that is none is
 * refused with the place of the fault. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "suites.h"
#include "wrong.h"

/* One lesson with the numbers of both ways. */
static struct lessons *lessons_of(const char *kind, const char *right, const char *wrong)
{
    char text[1024];
    char error[RESULT_ERROR_BYTES] = "";
    json_error_t problem;
    snprintf(text, sizeof text,
             "{\"schema\": \"switchyard-wrong/1\", \"context\": {}, \"lessons\": [{\"kind\": "
             "\"%s\", \"unit\": \"ns\", \"problem\": null, \"right\": %s, \"wrong\": %s}]}",
             kind, right, wrong);
    json_t *root = json_loads(text, 0, &problem);
    ck_assert_msg(root != NULL, "%s", problem.text);
    struct lessons *lessons = wrong_from_json(root, "made up", error);
    json_decref(root);
    ck_assert_msg(lessons != NULL, "%s", error);
    return lessons;
}

static void expect_conclusion(const char *kind, const char *right, const char *wrong,
                              const char *conclusion)
{
    char found[WRONG_TEXT_BYTES];
    struct lessons *lessons = lessons_of(kind, right, wrong);
    wrong_conclude(&lessons->lessons[0], found, sizeof found);
    ck_assert_str_eq(found, conclusion);
    wrong_free(lessons);
}

START_TEST(test_wrong_figures_are_medians_and_ratios)
{
    struct lessons *lessons =
        lessons_of("rss", "[[10, 20, 30], [100, 400, 300]]", "[[10, 10, 10], [20, 20, 20]]");
    const struct lesson *lesson = &lessons->lessons[0];
    ck_assert_uint_eq(lesson->trials, 3);
    ck_assert_double_eq(lesson->sides[WAY_RIGHT][0].value, 20);
    ck_assert_double_eq(lesson->sides[WAY_RIGHT][1].value, 300);
    ck_assert_double_eq(lesson->ratios[WAY_RIGHT].value, 10); /* of 10, 20, 10 */
    ck_assert_double_eq(lesson->ratios[WAY_WRONG].value, 2);
    wrong_free(lessons);
}
END_TEST

START_TEST(test_wrong_conclusion_follows_the_numbers)
{
    expect_conclusion("rss", "[[10, 10], [100, 100]]", "[[10, 10], [20, 20]]",
                      "It would have put OS threads at 0.200× of what they cost, and would have "
                      "made the ratio between them 2.00× in place of 10.0×");
    expect_conclusion("cold", "[[10, 10], [100, 100]]", "[[20, 20], [200, 200]]",
                      "It would have put green threads at 2.00× of what they cost and OS threads "
                      "at 2.00× of what they cost");
    expect_conclusion("cold", "[[10, 20], [100, 200]]", "[[15, 18], [150, 180]]",
                      "Here it made no difference that can be told from noise");
    expect_conclusion("cold", "[[10], [100]]", "[[90], [100]]", /* one process tells nothing */
                      "Here it made no difference that can be told from noise");
}
END_TEST

/* The true ratio of a program and itself is known: 1. */
START_TEST(test_wrong_conclusion_of_the_same_program)
{
    expect_conclusion("a-then-b", "[[10, 11], [11, 10]]", "[[10, 10], [12, 12]]",
                      "It would have found a difference of 20.0 % between a program and itself");
    expect_conclusion("a-then-b", "[[10, 11], [11, 10]]", "[[10, 12], [12, 10]]",
                      "Here it did no harm: the machine did not drift enough while this ran");
    expect_conclusion(
        "a-then-b", "[[10, 10], [9, 9]]", "[[10, 10], [12, 12]]",
        "It would have found a difference of 20.0 % between a program and itself. The "
        "right way found one of 10.0 %, too: noise that its interval does not cover");
}
END_TEST

START_TEST(test_wrong_file_is_refused)
{
    static const struct {
        const char *text;
        const char *error;
    } files[] = {
        {"{}", "f: schema: is missing"},
        {"{\"schema\": \"switchyard-wrong/9\", \"lessons\": []}",
         "f: schema: is not \"switchyard-wrong/1\", the version that this program reads, but "
         "\"switchyard-wrong/9\": a newer switchyard wrote it"},
        {"{\"schema\": \"switchyard-wrong/1\", \"lessons\": [{\"kind\": \"x\", \"unit\": \"\"}]}",
         "f: lessons[0].kind: \"x\" is none that this program knows"},
        {"{\"schema\": \"switchyard-wrong/1\", \"lessons\": [{\"kind\": \"rss\", \"unit\": \"B\", "
         "\"problem\": null, \"right\": [[1], [1, 2]], \"wrong\": [[], []]}]}",
         "f: lessons[0]: has sides of different lengths"},
        {"{\"schema\": \"switchyard-wrong/1\", \"lessons\": [{\"kind\": \"rss\", \"unit\": \"B\", "
         "\"problem\": null, \"right\": [[1], [\"x\"]], \"wrong\": [[], []]}]}",
         "f: lessons[0]: holds something else than numbers"},
        {"{\"schema\": \"switchyard-wrong/1\", \"lessons\": [{\"kind\": \"rss\", \"unit\": \"B\", "
         "\"problem\": null, \"right\": [[1]], \"wrong\": [[], []]}]}",
         "f: lessons[0].right: does not have two sides"},
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char error[RESULT_ERROR_BYTES] = "";
        json_t *root = json_loads(files[i].text, 0, NULL);
        ck_assert_ptr_nonnull(root);
        ck_assert_ptr_null(wrong_from_json(root, "f", error));
        ck_assert_str_eq(error, files[i].error);
        json_decref(root);
    }
}
END_TEST

/* Each mistake is a different way to make a number, or another order; else it would show nothing.
 */
START_TEST(test_wrong_kinds_are_mistakes)
{
    for (size_t i = 0; i < WRONG_KINDS; i++) {
        const struct wrong_kind *kind = &wrong_kinds[i];
        const struct wrong_way *right = &kind->right;
        const struct wrong_way *wrong = &kind->wrong;
        bool other = strcmp(right->metric, wrong->metric) != 0 || right->mean != wrong->mean ||
                     right->warmup != wrong->warmup || right->unpinned != wrong->unpinned;
        ck_assert_msg(other != kind->a_then_b, "%s", kind->name);
        ck_assert_ptr_eq(wrong_find(kind->name), kind);
    }
    ck_assert_ptr_null(wrong_find("right"));
}
END_TEST

Suite *suite_wrong(void)
{
    Suite *suite = suite_create("wrong");
    TCase *tests = tcase_create("wrong");
    tcase_add_test(tests, test_wrong_figures_are_medians_and_ratios);
    tcase_add_test(tests, test_wrong_conclusion_follows_the_numbers);
    tcase_add_test(tests, test_wrong_conclusion_of_the_same_program);
    tcase_add_test(tests, test_wrong_file_is_refused);
    tcase_add_test(tests, test_wrong_kinds_are_mistakes);
    suite_add_tcase(suite, tests);
    return suite;
}
