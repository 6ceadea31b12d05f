/* switch_machine.c - see switch_machine.h. */
#include "switch_machine.h"

#include <ctype.h>
#include <string.h>

#include "plot_text.h"

void machine_init(struct machine *machine, const struct machine_kind *kind)
{
    *machine = (struct machine){.kind = kind};
    for (size_t i = 0; kind->preserved[i] != NULL; i++) {
        machine_set(machine, kind->preserved[i], kind->preserved[i]);
    }
}

const char *machine_origin(const struct machine *machine, const char *name)
{
    for (size_t i = 0; i < machine->count; i++) {
        if (strcmp(machine->holdings[i].name, name) == 0) {
            return machine->holdings[i].origin;
        }
    }
    return "";
}

void machine_set(struct machine *machine, const char *name, const char *origin)
{
    size_t i = 0;
    while (i < machine->count && strcmp(machine->holdings[i].name, name) != 0) {
        i++;
    }
    if (i == MACHINE_REGISTERS) {
        return; /* there are fewer registers */
    }
    struct holding *holding = &machine->holdings[i];
    machine->count += i == machine->count ? 1 : 0;
    text_format(holding->name, sizeof holding->name, "%s", name);
    char held[MACHINE_NAME_BYTES]; /* origin may be in the same table */
    text_format(held, sizeof held, "%s", origin);
    memcpy(holding->origin, held, sizeof held);
}

bool machine_preserves(const struct machine *machine, const char *name)
{
    for (size_t i = 0; machine->kind->preserved[i] != NULL; i++) {
        if (strcmp(machine->kind->preserved[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static void note(char names[MACHINE_EFFECTS][MACHINE_NAME_BYTES], const char *name)
{
    for (size_t i = 0; i < MACHINE_EFFECTS && name[0] != '\0'; i++) {
        if (names[i][0] == '\0') {
            text_format(names[i], MACHINE_NAME_BYTES, "%s", name);
            return;
        }
    }
}

void machine_store(const struct machine *machine, const char *name, struct effect *effect)
{
    if (!machine->switched) {
        note(effect->saved, machine_origin(machine, name));
    }
}

void machine_load(struct machine *machine, const char *name, struct effect *effect)
{
    if (machine->switched && machine_preserves(machine, name)) {
        note(effect->restored, name);
    }
    machine_set(machine, name, "");
}

/* --- Taking text apart ----------------------------------------------------------------------- */

/* The length of an operand: up to a comma that is in no brackets. */
static size_t operand_length(const char *s)
{
    int depth = 0;
    size_t length = 0;
    for (; s[length] != '\0' && (s[length] != ',' || depth > 0); length++) {
        depth += s[length] == '(' || s[length] == '[' || s[length] == '{';
        depth -= s[length] == ')' || s[length] == ']' || s[length] == '}';
    }
    return length;
}

/* Runs of blanks become one; comments of the disassembler go. */
static bool tidy(const char *text, char *out, size_t size)
{
    size_t length = 0;
    for (const char *s = text; *s != '\0'; s++) {
        bool comment = (s[0] == '/' && s[1] == '/') || (s[0] == '#' && s[1] == ' ');
        if (comment) { /* "#16" is a number */
            break;
        }
        bool blank = isspace((unsigned char)*s);
        if (blank && (length == 0 || out[length - 1] == ' ')) {
            continue;
        }
        if (length + 1 >= size) {
            return false;
        }
        out[length++] = blank ? ' ' : *s;
    }
    length -= length > 0 && out[length - 1] == ' ' ? 1 : 0;
    out[length] = '\0';
    return true;
}

bool instruction_parse(const char *text, struct instruction *instruction)
{
    *instruction = (struct instruction){.count = 0};
    if (!tidy(text, instruction->text, sizeof instruction->text)) {
        return false;
    }
    const char *s = instruction->text;
    size_t length = strcspn(s, " ");
    text_format(instruction->mnemonic, sizeof instruction->mnemonic, "%.*s", (int)length, s);
    s += length;
    while (*s != '\0' && instruction->count < MACHINE_OPERANDS) {
        s += strspn(s, " ,");
        length = operand_length(s);
        text_format(instruction->operands[instruction->count++], MACHINE_TEXT_BYTES, "%.*s",
                    (int)length, s);
        s += length;
    }
    return true;
}
