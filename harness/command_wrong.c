/* command_wrong.c - `switchyard run --wrong KIND`: makes mistakes of measuring, and shows what each
 * would have said. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "lock.h"
#include "options.h"
#include "plot_file.h"
#include "plot_text.h"
#include "signals.h"
#include "sysinfo.h"
#include "target.h"
#include "wrong_file.h"
#include "wrong_run.h"

static bool is_wanted(const struct run_options *options, const struct wrong_kind *kind)
{
    return strcmp(options->wrong, "all") == 0 || strcmp(options->wrong, kind->name) == 0;
}

static void print_way(const struct lesson *lesson, int way)
{
    printf("  %-6s", way == WAY_RIGHT ? "right" : "wrong");
    for (int side = 0; side < SIDES; side++) {
        printf("  %-30s", text_measured(lesson->sides[way][side], lesson->unit, lesson->trials).s);
    }
    printf("  %s\n", wrong_ratio_text(lesson, way).s);
}

static void print_lesson(const struct lesson *lesson)
{
    char conclusion[WRONG_TEXT_BYTES];
    const struct wrong_kind *kind = lesson->kind;
    printf("\n%s. %s.\n", kind->name, kind->mistake);
    if (lesson->problem != NULL) {
        printf("  not measured: %s\n", lesson->problem);
        return;
    }
    printf("  %s, %zu processes each\n  %-6s  %-30s  %-30s  ratio\n", kind->workload,
           lesson->trials, "", wrong_side(kind, 0), wrong_side(kind, 1));
    print_way(lesson, WAY_RIGHT);
    print_way(lesson, WAY_WRONG);
    wrong_conclude(lesson, conclusion, sizeof conclusion);
    printf("  -> %s.\n  %s\n", conclusion, kind->lesson);
}

static int write_lessons(const struct run_options *options, const json_t *root)
{
    char *text = json_dumps(root, JSON_INDENT(1));
    if (text == NULL) {
        return -ENOMEM;
    }
    int status = file_write(options->out, text, strlen(text));
    free(text);
    if (status < 0) {
        fprintf(stderr, "switchyard run: %s: %s\n", options->out, target_problem(status));
    }
    return status;
}

/* Makes the mistakes that are wanted, and saves each when it is made. An exit status. */
static int make_all(struct wrong_session *session, const struct run_options *options,
                    const json_t *root)
{
    for (size_t i = 0; i < WRONG_KINDS; i++) {
        if (!is_wanted(options, &wrong_kinds[i])) {
            continue;
        }
        fprintf(stderr, "%s: %d processes\n", wrong_kinds[i].name,
                wrong_processes(session, &wrong_kinds[i]));
        json_t *lesson = wrong_make(session, &wrong_kinds[i]);
        if (lesson == NULL) {
            return signals_interrupted() ? EXIT_INTERRUPTED : EXIT_INTERNAL;
        }
        json_array_append_new(json_object_get(root, "lessons"), lesson);
        if (write_lessons(options, root) < 0) {
            return EXIT_INTERNAL;
        }
    }
    return EXIT_FINE;
}

static int show(const struct run_options *options, json_t *root)
{
    char error[RESULT_ERROR_BYTES];
    size_t failed = 0;
    struct lessons *lessons = wrong_from_json(root, options->out, error);
    if (lessons == NULL) { /* a bug: we have just made it */
        fprintf(stderr, "switchyard run: %s\n", error);
        return EXIT_INTERNAL;
    }
    for (size_t i = 0; i < lessons->count; i++) {
        print_lesson(&lessons->lessons[i]);
        failed += lessons->lessons[i].problem != NULL ? 1 : 0;
    }
    size_t count = lessons->count;
    wrong_free(lessons);
    return failed < count ? EXIT_FINE : EXIT_INTERNAL;
}

static int measure(struct wrong_session *session, const struct run_options *options)
{
    if (lock_machine(!options->no_wait) < 0) {
        return signals_interrupted() ? EXIT_INTERRUPTED : EXIT_INTERNAL;
    }
    json_t *root = json_pack("{ss so s[]}", "schema", WRONG_SCHEMA, "context",
                             sysinfo_collect(session->cpus), "lessons");
    int status = make_all(session, options, root);
    if (status == EXIT_INTERRUPTED) {
        fprintf(stderr, "switchyard run: interrupted\n");
    } else if (status == EXIT_FINE) {
        status = show(options, root);
        printf("\nlessons: %s\n", options->out);
    } else if (json_array_size(json_object_get(root, "lessons")) > 0) {
        show(options, root); /* what could not be saved is shown at least */
    }
    json_decref(root);
    return status;
}

static void print_plan(const struct wrong_session *session, const struct run_options *options)
{
    for (size_t i = 0; i < WRONG_KINDS; i++) {
        if (is_wanted(options, &wrong_kinds[i])) {
            printf("%s: %s, %d processes. %s.\n", wrong_kinds[i].name, wrong_kinds[i].workload,
                   wrong_processes(session, &wrong_kinds[i]), wrong_kinds[i].mistake);
        }
    }
}

int command_wrong(const struct run_options *options)
{
    char error[RESULT_ERROR_BYTES];
    struct cpus cpus;
    struct workers workers;
    int status = cpus_init(&cpus);
    if (status < 0) {
        fprintf(stderr, "switchyard run: the machine's topology: %s\n", strerror(-status));
        return EXIT_INTERNAL;
    }
    if (workers_load(&options->workers, NULL, 0, &workers, error) < 0) {
        fprintf(stderr, "switchyard run: %s\n", error);
        cpus_destroy(&cpus);
        return EXIT_USAGE;
    }
    struct wrong_session session = {.cpus = &cpus,
                                    .workers = &workers,
                                    .limits = {.deadline_ns = options->deadline_ns,
                                               .output_bytes = RUNNER_OUTPUT_BYTES,
                                               .memory_bytes = (size_t)options->memory_bytes},
                                    .rng = {options->seed},
                                    .trials = options->trials};
    if (options->dry_run) {
        print_plan(&session, options);
        status = EXIT_FINE;
    } else if ((status = target_check(options->out)) < 0) { /* before minutes of measuring */
        fprintf(stderr, "switchyard run: %s: %s\n", options->out, target_problem(status));
        status = EXIT_USAGE;
    } else {
        status = measure(&session, options);
    }
    workers_destroy(&workers);
    cpus_destroy(&cpus);
    return status;
}
