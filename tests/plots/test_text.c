/* test_text.c - numbers and strings as people read them, against answers written by hand. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot_figure.h"
#include "plot_text.h"
#include "report_path.h"
#include "suites.h"

START_TEST(test_text_numbers_have_three_digits)
{
    ck_assert_str_eq(text_significant(4.054).s, "4.05");
    ck_assert_str_eq(text_significant(9.996).s, "10.0");
    ck_assert_str_eq(text_significant(1170.4).s, "1,170");
    ck_assert_str_eq(text_significant(0.01234).s, "0.0123");
    ck_assert_str_eq(text_significant(-0.0).s, "0");
    ck_assert_str_eq(text_significant(NAN).s, "–");
    ck_assert_str_eq(text_count(1000000).s, "1,000,000");
    ck_assert_str_eq(text_count(-1234).s, "-1,234");
    ck_assert_str_eq(text_count(999).s, "999");
    ck_assert_str_eq(text_ratio(285.4).s, "285×");
}
END_TEST

START_TEST(test_text_units_fit)
{
    ck_assert_str_eq(text_ns(4.05).s, "4.05 ns");
    ck_assert_str_eq(text_ns(999.4).s, "999 ns");
    ck_assert_str_eq(text_ns(999.6).s, "1.00 µs");
    ck_assert_str_eq(text_ns(2.5e6).s, "2.50 ms");
    ck_assert_str_eq(text_ns(4.62e10).s, "46.2 s");
    ck_assert_str_eq(text_bytes(4104).s, "4,104 B");
    ck_assert_str_eq(text_bytes(1 << 20).s, "1.00 MiB");
    ck_assert_str_eq(text_bytes(-0.4).s, "0 B");
    ck_assert_str_eq(text_quantity(0.09, "ms").s, "90.0 µs");
    ck_assert_str_eq(text_quantity(2, "1").s, "2.00");
    ck_assert_str_eq(text_quantity(5, "items/s").s, "5.00 items/s");
    ck_assert_str_eq(text_quantity(NAN, "ns").s, "–");
}
END_TEST

START_TEST(test_text_interval_without_width_is_not_shown)
{
    struct interval wide = {4, 3, 5};
    struct interval single = {4, 4, 4};
    ck_assert_str_eq(text_interval(wide, "ns").s, "4.00 ns (3.00 ns – 5.00 ns)");
    ck_assert_str_eq(text_interval(single, "ns").s, "4.00 ns");
}
END_TEST

START_TEST(test_text_clean_leaves_nothing_dangerous)
{
    char out[64];
    text_clean(out, sizeof out, "a\tb\nc\"d\\e\x7f\x01");
    ck_assert_str_eq(out, "a b c'd/e  ");
    text_clean(out, sizeof out, "\xff\xc3µ\xe2\x82");
    ck_assert_str_eq(out, "  µ  ");
    text_clean(out, sizeof out, NULL);
    ck_assert_str_eq(out, "");
    text_clean(out, 3, "aµ"); /* no room for the whole character */
    ck_assert_str_eq(out, "a");
}
END_TEST

START_TEST(test_text_format_cuts_whole_characters)
{
    char out[4];
    text_format(out, sizeof out, "aµµ");
    ck_assert_str_eq(out, "aµ");
    text_append(out, sizeof out, "x");
    ck_assert_str_eq(out, "aµ");
}
END_TEST

START_TEST(test_text_wrap_at_spaces)
{
    char line[] = "one two three";
    ck_assert_str_eq(text_wrap(line, 7), "three");
    ck_assert_str_eq(line, "one two");
    char fits[] = "µµµ µµµ";
    ck_assert_str_eq(text_wrap(fits, 7), "");
    char united[] = "took 7.36 ms, 5 more";
    ck_assert_str_eq(text_wrap(united, 9), "7.36 ms, 5 more");
    char counted[] = "took 5 more";
    ck_assert_str_eq(text_wrap(counted, 6), "more"); /* no unit */
    char stuck[] = "nospace";
    ck_assert_str_eq(text_wrap(stuck, 3), "");
    ck_assert_uint_eq(text_width("µm"), 2);
}
END_TEST

/* What a function writes to a file. */
static char *written(void (*write)(FILE *file, const char *s), const char *s)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    write(file, s);
    fclose(file);
    return text;
}

START_TEST(test_text_is_escaped_for_its_format)
{
    char *xml = written(text_write_xml, "<a href=\"x\">&'");
    char *markdown = written(text_write_markdown, "a|b`c`\n*d*<e>");
    ck_assert_str_eq(xml, "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
    ck_assert_str_eq(markdown, "a\\|b\\`c\\` \\*d\\*\\<e\\>");
    free(xml);
    free(markdown);
}
END_TEST

START_TEST(test_spread_keeps_order_and_distance)
{
    double heights[] = {2.0, 1.0, 1.01, 5.0};
    figure_spread(heights, 4, 0.5);
    ck_assert_double_ge(heights[2] - heights[1], 0.499);
    ck_assert_double_ge(heights[0] - heights[2], 0.499);
    ck_assert_double_eq(heights[3], 5.0);
}
END_TEST

START_TEST(test_path_beside_the_results)
{
    char out[64];
    path_beside(out, sizeof out, "a/b/r.json", "figures");
    ck_assert_str_eq(out, "a/b/figures");
    path_beside(out, sizeof out, "r.json", "figures");
    ck_assert_str_eq(out, "figures");
}
END_TEST

START_TEST(test_path_relative_to_the_report)
{
    char out[256];
    path_relative(out, sizeof out, "/usr/report.md", "/usr/lib");
    ck_assert_str_eq(out, "lib");
    path_relative(out, sizeof out, "/usr/lib/report.md", "/usr/bin/../share");
    ck_assert_str_eq(out, "../share");
    path_relative(out, sizeof out, "/usr/report.md", "/usr");
    ck_assert_str_eq(out, ".");
    path_relative(out, sizeof out, "/usr/report.md", "/no/such/folder");
    ck_assert_str_eq(out, "/no/such/folder");
}
END_TEST

Suite *suite_text(void)
{
    Suite *suite = suite_create("text");
    TCase *tests = tcase_create("text");
    tcase_add_test(tests, test_text_numbers_have_three_digits);
    tcase_add_test(tests, test_text_units_fit);
    tcase_add_test(tests, test_text_interval_without_width_is_not_shown);
    tcase_add_test(tests, test_text_clean_leaves_nothing_dangerous);
    tcase_add_test(tests, test_text_format_cuts_whole_characters);
    tcase_add_test(tests, test_text_wrap_at_spaces);
    tcase_add_test(tests, test_text_is_escaped_for_its_format);
    tcase_add_test(tests, test_spread_keeps_order_and_distance);
    tcase_add_test(tests, test_path_beside_the_results);
    tcase_add_test(tests, test_path_relative_to_the_report);
    suite_add_tcase(suite, tests);
    return suite;
}
