/* allotment.c - see allotment.h. */
#include "allotment.h"

#include <stdlib.h>

#include "alloc.h"

struct unit_cost {
    size_t unit;
    int64_t ns; /* of what is to be done of it in the block */
};

struct allotment {
    const struct plan *plan;
    int block;   /* that was chosen for; 0: none */
    bool *takes; /* [units] */
    size_t left_out;
};

struct allotment *allotment_new(const struct plan *plan)
{
    struct allotment *allotment = alloc_array(1, sizeof *allotment);
    allotment->plan = plan;
    allotment->takes = alloc_array(plan->units, sizeof *allotment->takes);
    return allotment;
}

void allotment_free(struct allotment *allotment)
{
    free(allotment->takes);
    free(allotment);
}

static size_t unit_of(const struct plan *plan, size_t step)
{
    return plan->cells[plan->steps[step].cell].unit;
}

static int by_cost(const void *left, const void *right)
{
    const struct unit_cost *a = left;
    const struct unit_cost *b = right;
    return a->ns != b->ns ? (a->ns > b->ns) - (a->ns < b->ns)
                          : (a->unit > b->unit) - (a->unit < b->unit);
}

/* What each unit takes from the step to the end of its block; 0: it has none there. */
static struct unit_cost *costs_from(const struct plan *plan, size_t step)
{
    struct unit_cost *costs = alloc_array(plan->units, sizeof *costs);
    int block = plan->steps[step].trial;
    for (size_t unit = 0; unit < plan->units; unit++) {
        costs[unit].unit = unit;
    }
    for (size_t i = step; i < plan->steps_count && plan->steps[i].trial == block; i++) {
        costs[unit_of(plan, i)].ns += plan->cells[plan->steps[i].cell].estimate_ns;
    }
    return costs;
}

/* For the block that goes on with the step. */
static void choose(struct allotment *allotment, size_t step, int64_t left_ns)
{
    const struct plan *plan = allotment->plan;
    struct unit_cost *costs = costs_from(plan, step);
    qsort(costs, plan->units, sizeof *costs, by_cost);
    for (size_t i = 0; i < plan->units; i++) {
        left_ns -= costs[i].ns;
        allotment->takes[costs[i].unit] = left_ns >= 0;
    }
    allotment->block = plan->steps[step].trial;
    free(costs);
}

/* The block may take longer than it was thought to. */
static void choose_again(struct allotment *allotment, size_t step, int64_t left_ns)
{
    const struct plan *plan = allotment->plan;
    size_t unit = unit_of(plan, step);
    int64_t needed = 0;
    if (unit_of(plan, step - 1) == unit) {
        return; /* that was decided for its partner */
    }
    for (size_t i = step; i < plan->steps_count && plan->steps[i].trial == allotment->block &&
                          unit_of(plan, i) == unit;
         i++) {
        needed += plan->cells[plan->steps[i].cell].estimate_ns;
    }
    allotment->takes[unit] = allotment->takes[unit] && needed <= left_ns;
}

bool allotment_allows(struct allotment *allotment, size_t step, int64_t left_ns)
{
    const struct plan *plan = allotment->plan;
    if (plan->steps[step].trial == 0) {
        return true;
    }
    if (plan->steps[step].trial != allotment->block) {
        choose(allotment, step, left_ns);
    } else {
        choose_again(allotment, step, left_ns);
    }
    bool allowed = allotment->takes[unit_of(plan, step)];
    allotment->left_out += !allowed;
    return allowed;
}

size_t allotment_left_out(const struct allotment *allotment)
{
    return allotment->left_out;
}
