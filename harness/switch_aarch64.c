/* switch_aarch64.c - the instructions of AArch64 that a switch consists of, as objdump writes them:
 * the destination first. The program counter is preserved as x30, where a call has put it. */
#include <string.h>

#include "plot_text.h"
#include "switch_machine.h"

static const char *const preserved[] = {"sp",  "x19", "x20", "x21", "x22", "x23", "x24", "x25",
                                        "x26", "x27", "x28", "x29", "x30", "d8",  "d9",  "d10",
                                        "d11", "d12", "d13", "d14", "d15", NULL};

static bool begins(const char *s, const char *with)
{
    return strncmp(s, with, strlen(with)) == 0;
}

static bool is_memory(const char *operand)
{
    return operand[0] == '[';
}

/* Up to two registers before the address. */
static void store(const struct machine *machine, const struct instruction *instruction,
                  struct effect *effect)
{
    for (size_t i = 0; i < instruction->count && !is_memory(instruction->operands[i]); i++) {
        machine_store(machine, instruction->operands[i], effect);
    }
}

static void load(struct machine *machine, const struct instruction *instruction,
                 struct effect *effect)
{
    for (size_t i = 0; i < instruction->count && !is_memory(instruction->operands[i]); i++) {
        machine_load(machine, instruction->operands[i], effect);
    }
}

static void move(struct machine *machine, const char *to, const char *from, struct effect *effect)
{
    if (strcmp(to, "sp") == 0 && strcmp(machine_origin(machine, from), "sp") != 0) {
        machine->switched = true;
        machine_load(machine, to, effect);
    } else {
        machine_set(machine, to, machine_origin(machine, from));
    }
}

/* By convention the return address is in x30, so that is where a switch resumes. */
static void leave(struct machine *machine, const char *operand)
{
    machine->ended = true;
    machine->pc_loaded = machine->switched && (operand[0] == '\0' || strcmp(operand, "x30") == 0);
}

static void step(struct machine *machine, const struct instruction *instruction,
                 struct effect *effect)
{
    const char *mnemonic = instruction->mnemonic;
    const char *first = instruction->operands[0];
    if (begins(mnemonic, "st")) {
        store(machine, instruction, effect);
    } else if (begins(mnemonic, "ld")) {
        load(machine, instruction, effect);
    } else if (strcmp(mnemonic, "mrs") == 0) {
        machine_set(machine, first, machine->switched ? "" : instruction->operands[1]);
    } else if (strcmp(mnemonic, "mov") == 0) {
        move(machine, first, instruction->operands[1], effect);
    } else if (strcmp(mnemonic, "br") == 0 || strcmp(mnemonic, "ret") == 0) {
        leave(machine, first);
    } else if (!begins(mnemonic, "cmp") && !begins(mnemonic, "b") && !begins(mnemonic, "cb") &&
               !begins(mnemonic, "tb") && strcmp(first, "sp") != 0) {
        machine_set(machine, first, "");
    }
}

const struct machine_kind machine_aarch64 = {
    .format = "elf64-littleaarch64", .preserved = preserved, .step = step, .counter = "x30"};
