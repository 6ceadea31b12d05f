/* report_switch.c - the section that lists the machine code of a switch, with what each instruction
 * saves and restores. */
#include <string.h>

#include "plot_context.h"
#include "plot_text.h"
#include "report_sections.h"

enum { TEXT_BYTES = 160 };

/* Text that may stand in a block of code: nothing in it ends the block. */
static void clean_code(char *out, size_t size, const json_t *value)
{
    text_clean(out, size, json_string_value(value));
    for (char *s = out; *s != '\0'; s++) {
        *s = *s == '`' ? '\'' : *s;
    }
}

static void write_instruction(const struct report *report, const json_t *instruction)
{
    char text[TEXT_BYTES];
    char saves[TEXT_BYTES];
    char restores[TEXT_BYTES];
    clean_code(text, sizeof text, json_object_get(instruction, "text"));
    clean_code(saves, sizeof saves, json_object_get(instruction, "saves"));
    clean_code(restores, sizeof restores, json_object_get(instruction, "restores"));
    if (saves[0] != '\0') {
        fprintf(report->out, "%-44s saves %s\n", text, saves);
    } else if (restores[0] != '\0') {
        fprintf(report->out, "%-44s restores %s\n", text, restores);
    } else {
        fprintf(report->out, "%s\n", text);
    }
}

int report_switch(const struct report *report)
{
    size_t i;
    json_t *instruction;
    const json_t *code = context_at(report->results->context, "switch_code");
    const json_t *list = json_object_get(code, "instructions");
    if (json_array_size(list) == 0) {
        return 0;
    }
    fprintf(report->out,
            "## A switch, instruction by instruction\n\n"
            "The straight path of `sy_switch` in the worker that ran, as objdump shows it: %zu "
            "instructions, %zu registers saved. Conditional jumps are not taken on it: they lead "
            "to where a control word differs, or a technique is switched off. That a call has "
            "stored the place to come back to is seen only where it is restored, at the end.\n\n"
            "```\n",
            json_array_size(list), json_array_size(json_object_get(code, "saved")));
    json_array_foreach(list, i, instruction)
    {
        write_instruction(report, instruction);
    }
    fputs("```\n\n", report->out);
    return 0;
}
