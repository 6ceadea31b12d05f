/* switch_x86_64.c - the instructions of x86-64 that a switch consists of, as objdump writes them:
 * the source first, the destination last. */
#include <ctype.h>
#include <string.h>

#include "plot_text.h"
#include "switch_machine.h"

static const char *const preserved[] = {"rsp", "rbp", "rbx", "r12", "r13", "r14", "r15", NULL};

/* "%ebx" -> "rbx", "%r9w" -> "r9"; "" for what is no register. */
static void register_name(const char *operand, char out[MACHINE_NAME_BYTES])
{
    const char *name = operand[0] == '%' ? operand + 1 : "";
    bool thirty_two = name[0] == 'e' && strlen(name) == 3;
    text_format(out, MACHINE_NAME_BYTES, thirty_two ? "r%s" : "%s", name + (thirty_two ? 1 : 0));
    size_t length = strlen(out);
    if (length > 2 && out[0] == 'r' && isdigit((unsigned char)out[1]) &&
        strchr("dwb", out[length - 1]) != NULL) {
        out[length - 1] = '\0';
    }
    if (strchr(out, ':') != NULL) { /* %fs:0x70 is memory */
        out[0] = '\0';
    }
}

static bool is_memory(const char *operand)
{
    return strchr(operand, '(') != NULL || strchr(operand, ':') != NULL;
}

/* "lea -0x8(%rsp),%rax": rax still says where the stack pointer was. */
static bool is_beside_stack_pointer(const char *operand)
{
    const char *bracket = strchr(operand, '(');
    return bracket != NULL && strcmp(bracket, "(%rsp)") == 0;
}

static void move(struct machine *machine, const char *from, const char *to, struct effect *effect)
{
    char source[MACHINE_NAME_BYTES];
    char target[MACHINE_NAME_BYTES];
    register_name(from, source);
    register_name(to, target);
    if (target[0] == '\0') {
        machine_store(machine, source, effect);
    } else if (strcmp(target, "rsp") == 0 && strcmp(machine_origin(machine, source), "rsp") != 0) {
        machine->switched = true;
        machine_load(machine, target, effect);
    } else if (source[0] != '\0') {
        machine_set(machine, target, machine_origin(machine, source));
    } else if (from[0] == '%') { /* a word of this thread */
        machine_set(machine, target, from);
    } else {
        machine_load(machine, target, effect);
    }
}

/* Any other instruction with two operands: what it writes is no longer what it was, but a stack
 * pointer that is moved still is one. */
static void clobber(struct machine *machine, const struct instruction *instruction)
{
    char target[MACHINE_NAME_BYTES];
    const char *mnemonic = instruction->mnemonic;
    if (instruction->count == 0 || strncmp(mnemonic, "cmp", 3) == 0 ||
        strncmp(mnemonic, "test", 4) == 0) {
        return;
    }
    register_name(instruction->operands[instruction->count - 1], target);
    if (target[0] != '\0' && strcmp(target, "rsp") != 0) {
        machine_set(machine, target, "");
    }
}

static void save_word(const struct machine *machine, const char *name, struct effect *effect)
{
    if (!machine->switched) {
        text_format(effect->saved[0], MACHINE_NAME_BYTES, "%s", name);
    }
}

/* pop %rcx; jmp *%rcx */
static void pop(struct machine *machine, const char *operand, struct effect *effect)
{
    char target[MACHINE_NAME_BYTES];
    register_name(operand, target);
    machine_load(machine, target, effect);
    if (machine->switched && !machine_preserves(machine, target)) {
        machine_set(machine, target, "rip");
    }
}

/* Conditional jumps are not taken. A jump to elsewhere ends the path, and resumes nothing. */
static void jump(struct machine *machine, const struct instruction *instruction)
{
    char target[MACHINE_NAME_BYTES];
    const char *operand = instruction->operands[0];
    if (strncmp(instruction->mnemonic, "jmp", 3) != 0) {
        return;
    }
    machine->ended = true;
    if (operand[0] != '*') {
        return;
    }
    register_name(operand + 1, target);
    machine->pc_loaded =
        target[0] == '\0' ? machine->switched : strcmp(machine_origin(machine, target), "rip") == 0;
}

static void step(struct machine *machine, const struct instruction *instruction,
                 struct effect *effect)
{
    const char *mnemonic = instruction->mnemonic;
    const char *first = instruction->operands[0];
    const char *second = instruction->operands[1];
    char target[MACHINE_NAME_BYTES];
    if (strncmp(mnemonic, "push", 4) == 0 && strchr(first, ':') != NULL) {
        save_word(machine, first, effect); /* a word of this thread */
    } else if (strncmp(mnemonic, "push", 4) == 0) {
        register_name(first, target);
        machine_store(machine, target, effect);
    } else if (strncmp(mnemonic, "pop", 3) == 0) {
        pop(machine, first, effect);
    } else if (strcmp(mnemonic, "stmxcsr") == 0) {
        save_word(machine, "MXCSR", effect);
    } else if (strcmp(mnemonic, "fnstcw") == 0 || strcmp(mnemonic, "fstcw") == 0) {
        save_word(machine, "x87 control word", effect);
    } else if (strncmp(mnemonic, "ret", 3) == 0) {
        machine->ended = true;
        machine->pc_loaded = machine->switched;
    } else if (mnemonic[0] == 'j') {
        jump(machine, instruction);
    } else if (strcmp(mnemonic, "lea") == 0 && is_beside_stack_pointer(first)) {
        register_name(second, target);
        machine_set(machine, target, machine_origin(machine, "rsp"));
    } else if ((strcmp(mnemonic, "mov") == 0 || strcmp(mnemonic, "movq") == 0) &&
               (is_memory(first) || first[0] == '%')) {
        move(machine, first, second, effect);
    } else {
        clobber(machine, instruction);
    }
}

const struct machine_kind machine_x86_64 = {
    .format = "elf64-x86-64", .preserved = preserved, .step = step, .counter = "rip"};
