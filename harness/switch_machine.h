/* switch_machine.h - what single instructions do to registers that a switch has to preserve: as
 * much of two instruction sets as switches consist of. */
#ifndef SWITCHYARD_HARNESS_SWITCH_MACHINE_H
#define SWITCHYARD_HARNESS_SWITCH_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

enum {
    MACHINE_NAME_BYTES = 24,
    MACHINE_REGISTERS = 64,
    MACHINE_OPERANDS = 4,
    MACHINE_TEXT_BYTES = 96,
    MACHINE_EFFECTS = 2,
};

/* One instruction, taken apart. */
struct instruction {
    char text[MACHINE_TEXT_BYTES]; /* blanks made single, without comment */
    char mnemonic[MACHINE_NAME_BYTES];
    char operands[MACHINE_OPERANDS][MACHINE_TEXT_BYTES];
    size_t count; /* of operands */
};

/* Which register holds what some register held at the entry of the function. */
struct holding {
    char name[MACHINE_NAME_BYTES];
    char origin[MACHINE_NAME_BYTES]; /* "": something else */
};

struct machine {
    const struct machine_kind *kind;
    struct holding holdings[MACHINE_REGISTERS];
    size_t count;
    bool switched;  /* another stack pointer has been loaded */
    bool pc_loaded; /* the register that the last jump goes to was loaded from the other stack */
    bool ended;     /* the last instruction was an indirect jump or a return */
};

/* What an instruction saved or restored: names of registers, "" for none. */
struct effect {
    char saved[MACHINE_EFFECTS][MACHINE_NAME_BYTES];
    char restored[MACHINE_EFFECTS][MACHINE_NAME_BYTES];
};

struct machine_kind {
    const char *format;           /* as objdump names the file's */
    const char *const *preserved; /* registers that a call must preserve, ended by NULL */
    void (*step)(struct machine *machine, const struct instruction *instruction,
                 struct effect *effect);
    const char *counter; /* the program counter, as people know it */
};

extern const struct machine_kind machine_x86_64;
extern const struct machine_kind machine_aarch64;

/* At the entry: each preserved register holds itself. */
void machine_init(struct machine *machine, const struct machine_kind *kind);

/* "mov %rsp,(%rdi)" taken apart; false if it is longer than any instruction. */
bool instruction_parse(const char *text, struct instruction *instruction);

/* What a register held at the entry; "" if that is lost. */
const char *machine_origin(const struct machine *machine, const char *name);
void machine_set(struct machine *machine, const char *name, const char *origin);

/* Must a call preserve it? */
bool machine_preserves(const struct machine *machine, const char *name);

/* The effect of storing a register, before the stacks are switched; of loading one, after. */
void machine_store(const struct machine *machine, const char *name, struct effect *effect);
void machine_load(struct machine *machine, const char *name, struct effect *effect);

#endif
