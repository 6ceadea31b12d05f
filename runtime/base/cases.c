/* cases.c - see cases.h. */
#include "base/cases.h"

#include <errno.h>
#include <stdlib.h>

#include "base/handle.h"

int cases_check(const struct sy_case *cases, size_t count)
{
    if (count > SY_SELECT_CASES_MAX || (cases == NULL && count > 0)) {
        return -EINVAL;
    }
    for (size_t i = 0; i < count; i++) {
        if (cases[i].op != SY_SELECT_RECV && cases[i].op != SY_SELECT_SEND) {
            return -EINVAL;
        }
    }
    return 0;
}

/* More are sorted by the library; fewer cost less than its call (2026-11: a seventh of the
 * instructions of a select that waits). */
#define SORTED_HERE 16

static void sort_few(uint64_t *keys, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        uint64_t key = keys[i];
        uint32_t place = i;
        for (; place > 0 && keys[place - 1] > key; place--) {
            keys[place] = keys[place - 1];
        }
        keys[place] = key;
    }
}

static int compare_keys(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

uint32_t cases_sort(const struct sy_case *cases, uint32_t count, uint64_t *order)
{
    uint32_t used = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (cases[i].chan.id != 0) {
            order[used++] = (uint64_t)handle_slot(cases[i].chan.id) << 32 | i;
        }
    }
    if (used <= SORTED_HERE) {
        sort_few(order, used);
    } else {
        qsort(order, used, sizeof *order, compare_keys);
    }
    for (uint32_t i = 0; i < used; i++) {
        order[i] = (uint32_t)order[i];
    }
    return used;
}
