/* command_list.c - `switchyard list`. */
#include <stdio.h>
#include <string.h>

#include "child.h"
#include "commands.h"
#include "options.h"
#include "signals.h"
#include "workers.h"

static json_t *param_json(const struct catalogue_param *param)
{
    return json_pack("{s:s, s:I, s:I, s:I, s:s, s:s}", "name", param->name, "value",
                     (json_int_t)param->value, "min", (json_int_t)param->min, "max",
                     (json_int_t)param->max, "unit", param->unit, "help", param->help);
}

static json_t *workload_json(const struct catalogue_workload *workload)
{
    json_t *params = json_array();
    for (size_t i = 0; i < workload->params_count; i++) {
        json_array_append_new(params, param_json(&workload->params[i]));
    }
    return json_pack("{s:s, s:s, s:b, s:o}", "name", workload->name, "summary", workload->summary,
                     "green_only", workload->green_only, "params", params);
}

static void print_json(const struct catalogue *catalogue)
{
    json_t *array = json_array();
    for (size_t i = 0; i < catalogue->workloads_count; i++) {
        json_array_append_new(array, workload_json(&catalogue->workloads[i]));
    }
    json_dumpf(array, stdout, JSON_INDENT(2));
    printf("\n");
    json_decref(array);
}

static void print_text(const struct catalogue *catalogue)
{
    for (size_t i = 0; i < catalogue->workloads_count; i++) {
        const struct catalogue_workload *workload = &catalogue->workloads[i];
        printf("%-16s %s%s\n", workload->name, workload->summary,
               workload->green_only ? " (green only)" : "");
        for (size_t k = 0; k < workload->params_count; k++) {
            const struct catalogue_param *param = &workload->params[k];
            printf("    %s=%lld (%lld ... %lld %s): %s\n", param->name, (long long)param->value,
                   (long long)param->min, (long long)param->max, param->unit, param->help);
        }
    }
}

/* The back ends have the same workloads (the same objects): one of them is asked, green if there
 * is one. */
int command_list(int argc, char **argv)
{
    struct show_options options;
    struct workers workers;
    char error[RESULT_ERROR_BYTES];
    char ignored[RESULT_ERROR_BYTES];
    char green[] = "green";
    char pthread[] = "pthread";
    options_parse_list(argc, argv, &options);
    signals_install();
    child_adopt_orphans();
    if (workers_load(&options.workers, (char *[]){green}, 1, &workers, error) < 0 &&
        workers_load(&options.workers, (char *[]){pthread}, 1, &workers, ignored) < 0) {
        fprintf(stderr, "switchyard list: %s\n", error);
        return EXIT_USAGE;
    }
    if (options.json) {
        print_json(&workers.catalogues[0]);
    } else {
        print_text(&workers.catalogues[0]);
    }
    workers_destroy(&workers);
    return EXIT_FINE;
}
