/* rejection.c - see rejection.h. */
#include "rejection.h"

#include "disturbance.h"

#define ALLOWANCE_SHARE 10 /* 1 / this of the run */

static const unsigned rejecting =
    1u << DISTURBED_BY_MIGRATION | 1u << DISTURBED_BY_STEAL | 1u << DISTURBED_BY_THROTTLING;

int64_t rejection_allowance_ns(int64_t budget_ns, int64_t estimate_ns)
{
    return (budget_ns > 0 ? budget_ns : estimate_ns) / ALLOWANCE_SHARE;
}

bool rejection_applies(int64_t *allowance_ns, int64_t left_ns, const struct trial_report *report,
                       int attempts_before)
{
    if (report->status != TRIAL_OK || report->interrupted ||
        (report->disturbances & rejecting) == 0 || attempts_before >= REJECTION_REPEATS ||
        report->elapsed_ns > *allowance_ns || report->elapsed_ns > left_ns) {
        return false;
    }
    *allowance_ns -= report->elapsed_ns;
    return true;
}
