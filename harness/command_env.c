/* command_env.c - `switchyard env`. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "cpus.h"
#include "options.h"
#include "sysinfo.h"

/* A value in one line: text without quotes, the rest as JSON. */
static void print_value(const json_t *value)
{
    if (json_is_string(value)) {
        printf("%s\n", json_string_value(value));
    } else if (json_is_null(value)) {
        printf("unknown\n");
    } else {
        json_dumpf(value, stdout, JSON_ENCODE_ANY | JSON_REAL_PRECISION(3));
        printf("\n");
    }
}

static void print_members(const char *prefix, json_t *object)
{
    const char *name;
    json_t *value;
    char full[128];
    json_object_foreach(object, name, value)
    {
        snprintf(full, sizeof full, "%s%s%s", prefix, prefix[0] != '\0' ? "." : "", name);
        if (json_is_object(value)) {
            print_members(full, value);
        } else if (strcmp(full, "warnings") != 0) {
            printf("%-40s ", full);
            print_value(value);
        }
    }
}

static void print_text(json_t *context)
{
    const json_t *warnings = json_object_get(context, "warnings");
    print_members("", context);
    for (size_t i = 0; i < json_array_size(warnings); i++) {
        printf("warning: %s\n", json_string_value(json_array_get(warnings, i)));
    }
}

int command_env(int argc, char **argv)
{
    struct show_options options;
    struct cpus cpus;
    options_parse_env(argc, argv, &options);
    int status = cpus_init(&cpus);
    if (status < 0) {
        fprintf(stderr, "switchyard env: the machine's topology: %s\n", strerror(-status));
        return EXIT_INTERNAL;
    }
    json_t *context = sysinfo_collect(&cpus);
    if (options.json) {
        json_dumpf(context, stdout, JSON_INDENT(2));
        printf("\n");
    } else {
        print_text(context);
    }
    json_decref(context);
    cpus_destroy(&cpus);
    return EXIT_FINE;
}
