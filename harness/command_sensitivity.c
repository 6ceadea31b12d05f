/* command_sensitivity.c - `switchyard sensitivity`. */
#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "commands.h"
#include "lock.h"
#include "option_parts.h"
#include "option_shared.h"
#include "sensitivity.h"
#include "signals.h"

#define SECOND_NS ((int64_t)1000000000)
#define BUDGET_S 300

enum { KEY_BASE = 'b' };

static const struct argp_option option_table[] = {
    {"base", KEY_BASE, "DIR", 0, "Folder with " GATE_DELAYED_WORKER, 1},
    SHARED_BUDGET("Seconds for one gate run (default 300)", 1),
    SHARED_SEED("Of the order (default: a random one)", 1),
    SHARED_NO_WAIT(1),
    SHARED_JSON("Print JSON", 1),
    {0}};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
    struct gate_options *options = state->input;
    switch (key) {
    case KEY_BASE:
        options->base = text;
        return 0;
    case ARGP_KEY_ARG:
        option_refuse(state, "argument", text);
    case ARGP_KEY_END:
        if (options->base == NULL) {
            option_refuse_because(state, "which build? --base DIR, please");
        }
        return 0;
    default:
        return option_shared(key, text, state,
                             &(struct shared_options){.json = &options->json,
                                                      .no_wait = &options->no_wait,
                                                      .seed = &options->seed,
                                                      .budget_ns = &options->budget_ns});
    }
}

static const struct argp parser = {
    .options = option_table,
    .parser = parse_option,
    .args_doc = "--base DIR",
    .doc = "What is the smallest slow-down of switch.yield that `switchyard gate` finds by its "
           "pairs here and now, 9 times of 10? Slows the yield by a known share, from 10 % down "
           "to 2 %, and runs the gate up to 10 times on each. Exact counts find 0.2 % of the "
           "instructions, always."
           "\vExamples:\n"
           "  switchyard sensitivity --base build/release/bin\n"
           "  switchyard sensitivity --base build/release/bin --budget 60 --json\n\n"
           "Exit status: 0 an effect was found 9 times of 10, 1 internal error, 2 wrong usage, "
           "4 none was.",
};

static void print_text(const struct sensitivity_step *steps, size_t count, double smallest)
{
    printf("  %9s %9s %9s\n", "injected", "measured", "found");
    for (size_t i = 0; i < count; i++) {
        printf("  %7.1f %% %7.1f %% %6d/%d\n", 100 * steps[i].share, 100 * (steps[i].ratio - 1),
               steps[i].found, steps[i].rounds);
    }
    if (smallest > 0) {
        printf("minimum detectable effect: %.1f %% (found at least %d of %d times)\n",
               100 * smallest, SENSITIVITY_WANTED, SENSITIVITY_ROUNDS);
    } else {
        printf("no effect up to %.0f %% was found %d of %d times\n", 100 * sensitivity_sizes[0],
               SENSITIVITY_WANTED, SENSITIVITY_ROUNDS);
    }
}

static void print_json(const struct sensitivity_step *steps, size_t count, double smallest)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(
            array, json_pack("{s:f, s:o, s:i, s:i}", "share", steps[i].share, "ratio",
                             isfinite(steps[i].ratio) ? json_real(steps[i].ratio) : json_null(),
                             "found", steps[i].found, "rounds", steps[i].rounds));
    }
    json_t *root = json_pack("{s:s, s:o, s:o}", "schema", "switchyard-sensitivity/1", "smallest",
                             smallest > 0 ? json_real(smallest) : json_null(), "steps", array);
    json_dumpf(root, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
    printf("\n");
    json_decref(root);
}

/* From the largest down, until one is not found often enough. */
static int find_smallest(struct gate *gate)
{
    struct sensitivity_step steps[SENSITIVITY_SIZES];
    char error[RESULT_ERROR_BYTES] = "";
    double smallest = 0;
    size_t count = 0;
    int status = 0;
    bool found = true;
    while (status == 0 && found && count < SENSITIVITY_SIZES) {
        struct sensitivity_step *step = &steps[count];
        step->share = sensitivity_sizes[count++];
        status = sensitivity_try(gate, step, error);
        found = step->found >= SENSITIVITY_WANTED;
        smallest = found ? step->share : smallest;
    }
    if (status < 0) {
        fprintf(stderr, "switchyard sensitivity: %s\n", error);
        return status == -EINTR ? EXIT_INTERRUPTED : EXIT_INTERNAL;
    }
    (gate->options.json ? print_json : print_text)(steps, count, smallest);
    return smallest > 0 ? EXIT_FINE : EXIT_INCONCLUSIVE;
}

static int load_and_find(struct gate *gate)
{
    char error[RESULT_ERROR_BYTES];
    const char *folder = gate->options.base;
    if (gate_build_load("base", folder, GATE_DELAYED_WORKER, &gate->base, error) < 0 ||
        gate_build_load("head", folder, GATE_DELAYED_WORKER, &gate->head, error) < 0) {
        fprintf(stderr, "switchyard sensitivity: %s\n", error);
        return EXIT_USAGE;
    }
    gate->base.delay_steps = 0;
    return find_smallest(gate);
}

int command_sensitivity(int argc, char **argv)
{
    struct gate gate = {.options = {.threshold = 0.02,
                                    .budget_ns = BUDGET_S * SECOND_NS,
                                    .seed = option_random_seed()}};
    options_parse(&parser, argc, argv, &gate.options);
    gate.time.rng = (struct rng){gate.options.seed};
    signals_install();
    child_adopt_orphans();
    int status = cpus_init(&gate.cpus);
    if (status < 0) {
        fprintf(stderr, "switchyard sensitivity: the machine's topology cannot be read\n");
        return EXIT_INTERNAL;
    }
    status = lock_machine(!gate.options.no_wait);
    if (status < 0) {
        status = status == -EINTR ? EXIT_INTERRUPTED : EXIT_INTERNAL;
    } else {
        status = load_and_find(&gate);
    }
    gate_build_destroy(&gate.base);
    gate_build_destroy(&gate.head);
    cpus_destroy(&gate.cpus);
    return status;
}
