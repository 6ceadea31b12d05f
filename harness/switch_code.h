/* switch_code.h - which registers a switch of stacks saves, read from its machine code.
 *
 * The straight path of a function is followed from its entry over conditional branches that are not
 * taken to the indirect jump or return at its end. Up to the instruction that loads another stack
 * pointer, what is stored in memory is saved if it is still what it was at the entry and a call
 * must preserve it; from there on, what is loaded from memory is restored.
 */
#ifndef SWITCHYARD_HARNESS_SWITCH_CODE_H
#define SWITCHYARD_HARNESS_SWITCH_CODE_H

#include <stddef.h>

#include <jansson.h>

#include "result.h"

/* Reads the output of `objdump -d --no-show-raw-insn` for the function of that name. A new object:
 *     {"symbol": "sy_switch", "instructions": [{"text": "push %rbp", "saves": "rbp",
 *      "restores": null}, …], "saved": ["rbp", …], "restored": […]}
 * NULL and one line in error if there is no such function, it does not switch stacks, or what it
 * restores was not saved. The program counter counts as saved where it is restored: a call has
 * stored it, in memory (x86-64) or in a register (AArch64: x30). */
json_t *switch_code_parse(const char *text, const char *symbol, char error[RESULT_ERROR_BYTES]);

/* Disassembles the function in that program by objdump. As switch_code_parse, but what went wrong
 * is told in the object: {"symbol": …, "problem": "…"}. */
json_t *switch_code_read(const char *program, const char *symbol);

#endif
