/* check_trace.c - FILE: is it a good file of Chrome trace events? Prints the number of events of
 * each phase, "M X s f i C". */
#include <stdio.h>
#include <string.h>

#include "trace_rules.h"

int main(int argc, char **argv)
{
    static const char phases[] = "MXsfiC";
    size_t counts[sizeof phases] = {0};
    json_error_t error;
    json_t *root = argc == 2 ? json_load_file(argv[1], JSON_REJECT_DUPLICATES, &error) : NULL;
    if (root == NULL) {
        fprintf(stderr, "%s\n", argc == 2 ? error.text : "which file?");
        return 2;
    }
    const char *broken = trace_rules_broken(root);
    for (size_t i = 0; broken == NULL && i < json_array_size(root); i++) {
        const json_t *event = json_array_get(root, i);
        counts[strchr(phases, json_string_value(json_object_get(event, "ph"))[0]) - phases]++;
    }
    json_decref(root);
    if (broken != NULL) {
        fprintf(stderr, "%s\n", broken);
        return 1;
    }
    for (size_t i = 0; phases[i] != '\0'; i++) {
        printf("%s%c=%zu", i > 0 ? " " : "", phases[i], counts[i]);
    }
    putchar('\n');
    return 0;
}
