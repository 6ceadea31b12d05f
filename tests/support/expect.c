/* expect.c - see expect.h. */
#include "support/expect.h"

#include <check.h>
#include <inttypes.h>
#include <stdatomic.h>

static atomic_uint stated;
static atomic_uint failed;
static struct {
    const char *file;
    int line;
    const char *text;
    int64_t left;
    int64_t right;
} first; /* written by the one that takes failed from 0 to 1 */

void expect_record(bool holds, const char *file, int line, const char *text, int64_t left,
                   int64_t right)
{
    atomic_fetch_add(&stated, 1);
    if (holds || atomic_fetch_add(&failed, 1) != 0) {
        return;
    }
    first.file = file;
    first.line = line;
    first.text = text;
    first.left = left;
    first.right = right;
}

void expect_assert_all(void)
{
    if (failed != 0) {
        ck_abort_msg("%s:%d: expected %s, values %" PRId64 " and %" PRId64 " (%u failed)",
                     first.file, first.line, first.text, first.left, first.right, failed);
    }
    ck_assert_msg(stated != 0, "the tasks stated no expectation");
}
