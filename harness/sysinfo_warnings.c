/* sysinfo_warnings.c - see sysinfo_warnings.h and "Environment" in docs on the method. */
#include "sysinfo_warnings.h"

#include <string.h>

#include "buildinfo.h"

/* A steal share above this means that the host gives our CPUs to others. */
#define STEAL_SHARE 0.005

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

static void warn_of_frequency(const json_t *context, json_t *warnings)
{
    const char *governor = text_of(context, "governor");
    if (governor[0] == '\0') {
        json_array_append_new(warnings, json_string("the frequency governor cannot be read: the "
                                                    "clock rate may vary unseen"));
    } else if (strcmp(governor, "performance") != 0) {
        json_array_append_new(warnings, json_sprintf("the frequency governor is \"%s\", not "
                                                     "\"performance\"",
                                                     governor));
    }
    if (json_is_true(json_object_get(context, "turbo"))) {
        json_array_append_new(warnings, json_string("turbo is on: the clock rate depends on heat "
                                                    "and on the other cores"));
    }
}

static void warn_of_sharing(const json_t *context, json_t *warnings)
{
    const json_t *cpu = json_object_get(context, "cpu");
    const json_t *load = json_object_get(context, "load");
    double steal = json_number_value(json_object_get(context, "steal_share"));
    double busy = json_number_value(json_array_get(load, 0));
    if (json_is_true(json_object_get(cpu, "virtual_machine"))) {
        json_array_append_new(warnings, json_string("this is a virtual machine: its CPUs may be "
                                                    "shared with others"));
    }
    if (steal > STEAL_SHARE) {
        json_array_append_new(warnings,
                              json_sprintf("%.1f %% of the CPU time since the machine started went "
                                           "to other virtual machines (steal)",
                                           steal * 100));
    }
    if (strcmp(text_of(cpu, "smt"), "1") == 0) {
        json_array_append_new(warnings, json_string("SMT is on: a busy sibling slows its core"));
    }
    if (busy > 0.5) {
        json_array_append_new(warnings, json_sprintf("the load average is %.2f: other programs "
                                                     "are running",
                                                     busy));
    }
}

static void warn_of_kernel(const json_t *context, json_t *warnings)
{
    const json_t *cgroup = json_object_get(context, "cgroup");
    const char *quota = text_of(cgroup, "cpu_max");
    if (strcmp(text_of(context, "thp"), "always") == 0) {
        json_array_append_new(warnings,
                              json_string("transparent huge pages are \"always\": the memory of "
                                          "thread stacks may be rounded up to 2 MiB"));
    }
    if (quota[0] != '\0' && strncmp(quota, "max", 3) != 0) {
        json_array_append_new(warnings, json_sprintf("the cgroup limits the CPU time (%s)", quota));
    }
    if (json_integer_value(json_object_get(cgroup, "throttled")) > 0) {
        json_array_append_new(warnings, json_string("the cgroup has been throttled"));
    }
}

static void warn_of_mitigations(const json_t *context, json_t *warnings)
{
    const char *name;
    json_t *value;
    size_t active = 0;
    json_object_foreach(json_object_get(context, "mitigations"), name, value)
    {
        active +=
            strncmp(json_is_string(value) ? json_string_value(value) : "", "Mitigation", 10) == 0;
    }
    if (active > 0) {
        json_array_append_new(warnings, json_sprintf("%zu CPU mitigations are active: they make "
                                                     "system calls and thread switches slower",
                                                     active));
    }
}

static void warn_of_build(json_t *warnings)
{
    if (strcmp(BUILDINFO_TYPE, "Release") != 0) {
        json_array_append_new(
            warnings, json_sprintf("this is a %s build, not a Release one", BUILDINFO_TYPE));
    }
    if (strstr(BUILDINFO_FLAGS, "-fsanitize") != NULL ||
        strstr(BUILDINFO_FLAGS, "--coverage") != NULL) {
        json_array_append_new(warnings, json_string("the build is instrumented: its times mean "
                                                    "nothing"));
    }
}

json_t *sysinfo_warnings(const json_t *context)
{
    json_t *warnings = json_array();
    warn_of_build(warnings);
    warn_of_frequency(context, warnings);
    warn_of_sharing(context, warnings);
    warn_of_kernel(context, warnings);
    warn_of_mitigations(context, warnings);
    return warnings;
}
