/* exact_words.c - which clocks of the runtime a build lets be switched off; see exact.h. A word for
 * a technique that the build does not have ends its worker, as each word ends one without --tune:
 * so that an older base can be compared, each build gets only the words that it knows. */
#include <errno.h>

#include "exact.h"
#include "plot_text.h"

#define OPERATIONS 10

static const char *const words[] = {"nopreemptcall", "nopreemptprologue", "nopreemptsignal",
                                    "nogiveback"};

static const struct gate_cell *any_cell(const struct gate_build *build)
{
    for (size_t i = 0; i < gate_cells_count; i++) {
        if (gate_build_has(build, &gate_cells[i])) {
            return &gate_cells[i];
        }
    }
    return NULL;
}

static int try_words(const struct gate_build *build, const struct gate_cell *cell,
                     const struct cpus *cpus, const char *tune, char error[RESULT_ERROR_BYTES])
{
    struct gate_run run = {.count = OPERATIONS, .epochs = 1, .tune = tune};
    struct trial_report report;
    int status = gate_build_run(build, cell, &run, cpus, &report, error);
    if (status == 0) {
        trial_report_destroy(&report);
    }
    return status;
}

static void add_word(char list[GATE_WORDS_BYTES], const char *word)
{
    text_append(list, GATE_WORDS_BYTES, "%s%s", list[0] != '\0' ? "," : "", word);
}

int exact_words_find(struct gate_build *build, const struct cpus *cpus,
                     char error[RESULT_ERROR_BYTES])
{
    const struct gate_cell *cell = any_cell(build);
    build->clocks_off[0] = build->clocks_unknown[0] = '\0';
    if (cell == NULL) {
        return 0;
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        add_word(build->clocks_off, words[i]);
    }
    int status = try_words(build, cell, cpus, build->clocks_off, error);
    if (status != -EPROTO) {
        return status;
    }
    build->clocks_off[0] = '\0';
    status = try_words(build, cell, cpus, NULL, error); /* or is it broken anyway? */
    for (size_t i = 0; i < sizeof words / sizeof words[0] && status == 0; i++) {
        status = try_words(build, cell, cpus, words[i], error);
        add_word(status == 0 ? build->clocks_off : build->clocks_unknown, words[i]);
        status = status == -EPROTO ? 0 : status;
    }
    return status;
}
