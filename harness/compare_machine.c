/* compare_machine.c - see compare_machine.h.
 *
 * In the fingerprint is what moves a figure by itself: hardware, kernel, settings, compiler. What
 * changes from run to run on one machine (load, time, free memory) is not, and neither is the
 * revision: that is what is compared.
 */
#include "compare_machine.h"

#include <stdbool.h>
#include <stddef.h>

struct part {
    const char *group; /* NULL: at the top of the context */
    const char *name;
};

static const struct part parts[] = {
    {"cpu", "model"},      {"cpu", "architecture"}, {"cpu", "count"},
    {"cpu", "l1d_bytes"},  {"cpu", "l2_bytes"},     {"cpu", "l3_bytes"},
    {"cpu", "smt"},        {"cpu", "clock_source"}, {"cpu", "virtual_machine"},
    {"host", "product"},   {"host", "os"},          {NULL, "kernel"},
    {NULL, "mitigations"}, {NULL, "governor"},      {NULL, "turbo"},
    {NULL, "thp"},         {NULL, "compiler"},      {NULL, "flags"},
    {NULL, "build_type"},  {"cgroup", "cpu_max"},
};

static json_t *find(const json_t *context, const struct part *part)
{
    const json_t *holder = part->group != NULL ? json_object_get(context, part->group) : context;
    json_t *value = json_object_get(holder, part->name);
    return json_is_null(value) ? NULL : value;
}

static json_t *value_or_null(json_t *value)
{
    return value != NULL ? json_incref(value) : json_null();
}

static json_t *name_of(const struct part *part)
{
    const char *group = part->group != NULL ? part->group : "";
    return json_sprintf("%s%s%s", group, group[0] != '\0' ? "." : "", part->name);
}

json_t *compare_machine_parts(const json_t *context)
{
    json_t *object = json_object();
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        json_t *name = name_of(&parts[i]);
        json_object_set_new(object, json_string_value(name),
                            value_or_null(find(context, &parts[i])));
        json_decref(name);
    }
    return object;
}

json_t *compare_machines(const json_t *base, const json_t *head)
{
    json_t *differences = json_array();
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        json_t *before = find(base, &parts[i]);
        json_t *after = find(head, &parts[i]);
        bool alike = before == NULL || after == NULL ? before == after : json_equal(before, after);
        if (alike) {
            continue;
        }
        json_t *difference = json_object();
        json_object_set_new(difference, "what", name_of(&parts[i]));
        json_object_set_new(difference, "base", value_or_null(before));
        json_object_set_new(difference, "head", value_or_null(after));
        json_array_append_new(differences, difference);
    }
    return differences;
}
