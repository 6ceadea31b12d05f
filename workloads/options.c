/* options.c - see options.h. argp does the parsing; its own two-line messages are switched off, and
 * its --help goes with them. */
#include "options.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nearest.h"

#define NAME_BYTES 64
#define TUNE_VARIABLE "SWITCHYARD_TUNE"

enum { KEY_HELP = 1000, KEY_LIST, KEY_WORKLOAD, KEY_PARAM, KEY_TUNE, KEY_TRACE, KEY_NUMBER };

static const struct argp_option argp_options[] = {
    {"help", KEY_HELP, NULL, 0, "Print this and exit", 0},
    {"list", KEY_LIST, NULL, 0, "Print all workloads as JSON and exit", 0},
    {"workload", KEY_WORKLOAD, "NAME", 0, "The workload to run", 0},
    {"param", KEY_PARAM, "NAME=VALUE", 0, "Set a parameter of the workload (repeatable)", 0},
    {"procs", KEY_NUMBER, "P", 0, "Procs of the runtime (default 1; 0: its own default)", 0},
    {"epochs", KEY_NUMBER + 1, "K", 0, "Measured epochs (default 10)", 0},
    {"warmup", KEY_NUMBER + 2, "W", 0, "Epochs before that, not measured (default 1)", 0},
    {"max-tasks", KEY_NUMBER + 3, "N", 0, "Tasks alive at once (default: the runtime's)", 0},
    {"stack-bytes", KEY_NUMBER + 4, "B", 0, "Stack of each task (default: the runtime's)", 0},
    {"max-workers", KEY_NUMBER + 5, "N", 0, "OS threads of the runtime (default: its own)", 0},
    {"tune", KEY_TUNE, "WORDS", 0, "Techniques to switch off (sets SWITCHYARD_TUNE)", 0},
    {"trace", KEY_TRACE, "FILE", 0, "Record the measured epochs and write the trace there", 0},
    {0}};

/* The options that take a number, in the order of their keys from KEY_NUMBER on. The bounds of the
 * last three are those of struct sy_config. */
static const struct number_option {
    const char *name;
    int64_t value;
    int64_t min;
    int64_t max;
} number_options[] = {{"--procs", 1, 0, 256},
                      {"--epochs", 10, 1, 100000},
                      {"--warmup", 1, 0, 100000},
                      {"--max-tasks", 0, 1, INT64_C(1) << 26},
                      {"--stack-bytes", 0, INT64_C(16) << 10, INT64_C(1) << 30},
                      {"--max-workers", 0, 1, INT64_C(1) << 20}};

#define NUMBER_OPTIONS (sizeof number_options / sizeof *number_options)

struct options {
    int next; /* index of the argument after the last good one; 0 at first */
    bool list;
    const char *workload;
    const char **settings; /* the values of --param, checked when the workload is known */
    size_t setting_count;
    const char *tune;
    const char *trace;
    int64_t numbers[NUMBER_OPTIONS];
};

static _Noreturn void usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

static _Noreturn void usage_error(const char *format, ...)
{
    va_list arguments;
    fprintf(stderr, "%s: ", program_invocation_short_name);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(EXIT_USAGE);
}

/* A whole decimal number within bounds, and nothing else. */
static int64_t parse_number(const char *what, const char *text, int64_t min, int64_t max)
{
    char *end = NULL;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    bool digits = strspn(text, "-0123456789") == strlen(text);
    if (!digits || end == text || *end != '\0') {
        usage_error("%s: '%s' is not a whole number", what, text);
    }
    if (errno == ERANGE || number < min || number > max) {
        usage_error("%s: %s is not in %lld ... %lld", what, text, (long long)min, (long long)max);
    }
    return number;
}

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct options *options = state->input;
    if (key != ARGP_KEY_ERROR && key != ARGP_KEY_FINI) {
        options->next = state->next;
    }
    if (key >= KEY_NUMBER && key < KEY_NUMBER + (int)NUMBER_OPTIONS) {
        const struct number_option *number = &number_options[key - KEY_NUMBER];
        options->numbers[key - KEY_NUMBER] =
            parse_number(number->name, value, number->min, number->max);
        return 0;
    }
    switch (key) {
    case KEY_HELP:
        argp_help(state->root_argp, stdout, ARGP_HELP_LONG | ARGP_HELP_DOC | ARGP_HELP_USAGE,
                  program_invocation_short_name);
        exit(EXIT_SUCCESS);
    case KEY_LIST:
        options->list = true;
        return 0;
    case KEY_WORKLOAD:
        options->workload = value;
        return 0;
    case KEY_PARAM:
        options->settings[options->setting_count++] = value;
        return 0;
    case KEY_TUNE:
        options->tune = value;
        return 0;
    case KEY_TRACE:
        options->trace = value;
        return 0;
    case ARGP_KEY_ARG:
        usage_error("unexpected argument '%s'", value);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* argp could not make sense of this argument: an unknown option, or a value too many or too few. */
static _Noreturn void reject_option(const char *text)
{
    char name[NAME_BYTES];
    const char *start = text + strspn(text, "-");
    snprintf(name, sizeof name, "%.*s", (int)strcspn(start, "="), start);
    struct nearest nearest = {.wanted = name};
    for (const struct argp_option *option = argp_options; option->name != NULL; option++) {
        nearest_offer(&nearest, option->name);
    }
    if (nearest.best != NULL && nearest.distance == 0) {
        usage_error("option --%s %s", name,
                    strchr(text, '=') != NULL ? "takes no value" : "needs a value");
    }
    if (nearest.best != NULL) {
        usage_error("unknown option '%s' (did you mean --%s?)", text, nearest.best);
    }
    usage_error("unknown option '%s'; --help shows all", text);
}

static const struct workload *find_workload(const char *name)
{
    struct nearest nearest = {.wanted = name};
    for (const struct workload *const *each = workload_registry; *each != NULL; each++) {
        if (strcmp((*each)->name, name) == 0) {
            return *each;
        }
        nearest_offer(&nearest, (*each)->name);
    }
    usage_error("unknown workload '%s'%s", name,
                nearest.best != NULL ? nearest_hint(&nearest) : "; --list shows all");
}

static size_t find_param(const struct workload *workload, const char *name)
{
    struct nearest nearest = {.wanted = name};
    for (size_t i = 0; workload->params[i].name != NULL; i++) {
        if (strcmp(workload->params[i].name, name) == 0) {
            return i;
        }
        nearest_offer(&nearest, workload->params[i].name);
    }
    usage_error("workload %s has no parameter '%s'%s", workload->name, name,
                nearest_hint(&nearest));
}

/* One "name=value". */
static void set_param(struct trial *trial, const char *setting, bool *given)
{
    char name[NAME_BYTES];
    const char *equals = strchr(setting, '=');
    if (equals == NULL || equals == setting) {
        usage_error("--param '%s' is not NAME=VALUE", setting);
    }
    snprintf(name, sizeof name, "%.*s", (int)(equals - setting), setting);
    size_t index = find_param(trial->workload, name);
    const struct workload_param *param = &trial->workload->params[index];
    if (given[index]) {
        usage_error("parameter %s is given twice", name);
    }
    given[index] = true;
    trial->params[index] = parse_number(name, equals + 1, param->min, param->max);
}

static void set_params(struct trial *trial, const struct options *options)
{
    bool given[TRIAL_PARAMS_MAX] = {false};
    const struct workload_param *params = trial->workload->params;
    for (size_t i = 0; params[i].name != NULL; i++) {
        trial->params[i] = params[i].value;
    }
    for (size_t i = 0; i < options->setting_count; i++) {
        set_param(trial, options->settings[i], given);
    }
}

/* Before the run, so that a file that cannot be written is found at once. */
static int open_trace(const char *path)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0) {
        usage_error("--trace %s: %s", path, strerror(errno));
    }
    return file;
}

/* What is in the environment counts, too: a trial tells all that was switched off. */
static const char *tuning(const char *words)
{
    if (words != NULL && setenv(TUNE_VARIABLE, words, 1) != 0) {
        usage_error("--tune: %s", strerror(errno));
    }
    return getenv(TUNE_VARIABLE);
}

static void fill_trial(struct trial *trial, const struct options *options)
{
    if (options->workload == NULL) {
        usage_error("--workload is missing; --list shows all");
    }
    trial->workload = find_workload(options->workload);
    set_params(trial, options);
    trial->config.procs = (uint32_t)options->numbers[0];
    trial->epochs = (uint32_t)options->numbers[1];
    trial->warmups = (uint32_t)options->numbers[2];
    trial->config.max_tasks = (uint32_t)options->numbers[3];
    trial->config.stack_bytes = (size_t)options->numbers[4];
    trial->config.max_workers = (uint32_t)options->numbers[5];
    trial->tune = tuning(options->tune);
    trial->trace_file = options->trace != NULL ? open_trace(options->trace) : -1;
}

bool options_parse(int argc, char **argv, struct trial *trial)
{
    static const struct argp parser = {
        .options = argp_options,
        .parser = on_option,
        .doc = "Runs one trial of one workload and prints it as one JSON object."};
    struct options options = {0};
    for (size_t i = 0; i < NUMBER_OPTIONS; i++) {
        options.numbers[i] = number_options[i].value;
    }
    options.settings = calloc((size_t)argc, sizeof *options.settings);
    if (options.settings == NULL) {
        usage_error("no memory for the command line");
    }
    if (argp_parse(&parser, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP | ARGP_IN_ORDER, NULL,
                   &options) != 0) {
        reject_option(argv[options.next > 0 ? options.next : 1]);
    }
    if (!options.list) {
        fill_trial(trial, &options);
    }
    free(options.settings);
    return options.list;
}
