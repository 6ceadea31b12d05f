/* claims_registers.c - the rule for the claim about what a switch saves. What it saves was read
 * from the machine code of the worker that ran (switch_code.h). */
#include <errno.h>
#include <string.h>

#include "claims.h"
#include "plot_context.h"
#include "plot_text.h"

/* Program counter, stack pointer, frame pointer: on x86-64, then on AArch64. */
static const char *const claimed[] = {"rip", "rsp", "rbp", "x30", "sp", "x29"};

enum { CLAIMED = 3 }; /* on one machine */

static bool is_claimed(const char *name)
{
    for (size_t i = 0; i < sizeof claimed / sizeof claimed[0]; i++) {
        if (strcmp(claimed[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static void add_parts(const struct results *results, struct outcome *outcome)
{
    static const char *const workloads[][2] = {
        {"anatomy.swap_inline", "swap"},
        {"anatomy.swap", "swap"},
        {"anatomy.swap_control", "swap"},
        {"switch.yield", "switch"},
    };
    for (size_t i = 0; i < sizeof workloads / sizeof workloads[0]; i++) {
        size_t position = 0;
        const struct result_row *row =
            results_next(results, &position, workloads[i][0], "green", 1, workloads[i][1]);
        if (row != NULL && row->status == TRIAL_OK) {
            struct interval interval = {row->median, row->ci_low, row->ci_high};
            text_append(outcome->green, sizeof outcome->green, "%s%s: %s",
                        outcome->green[0] == '\0' ? "" : "\n", row->workload,
                        text_measured(interval, row->unit, row->trials_count).s);
        }
    }
}

int judge_registers(const struct results *results, struct outcome *outcome)
{
    char problem[CLAIM_TEXT_BYTES];
    char others[CLAIM_TEXT_BYTES] = "";
    char all[CLAIM_TEXT_BYTES] = "";
    size_t right = 0;
    size_t wrong = 0;
    size_t i;
    const json_t *name;
    const json_t *saved = context_at(results->context, "switch_code.saved");
    size_t instructions = json_array_size(context_at(results->context, "switch_code.instructions"));
    json_array_foreach(saved, i, name)
    {
        char text[64];
        text_clean(text, sizeof text, json_string_value(name));
        text_append(all, sizeof all, "%s%s", i == 0 ? "" : ", ", text);
        if (is_claimed(text)) {
            right++;
        } else {
            text_append(others, sizeof others, "%s%s", wrong++ == 0 ? "" : ", ", text);
        }
    }
    if (right + wrong > 0) {
        text_format(outcome->green, sizeof outcome->green,
                    "sy_switch saves %zu: %s; %zu instructions on its straight path", right + wrong,
                    all, instructions);
    } else if (context_text(results->context, "switch_code.problem", problem, sizeof problem)) {
        text_format(outcome->why, sizeof outcome->why, "%s", problem);
    }
    add_parts(results, outcome);
    outcome->verdict = right + wrong == 0               ? VERDICT_NOT_MEASURED
                       : right == CLAIMED && wrong == 0 ? VERDICT_HOLDS
                                                        : VERDICT_FAILS;
    if (wrong > 0) {
        text_format(outcome->why, sizeof outcome->why, "%zu more are saved: %s", wrong, others);
    } else if (right > 0 && right < CLAIMED) {
        text_format(outcome->why, sizeof outcome->why, "only %zu of the three are saved", right);
    }
    return 0;
}
