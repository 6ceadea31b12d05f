/* switch_code.c - see switch_code.h. */
#include "switch_code.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "plot_text.h"
#include "runner.h"
#include "switch_machine.h"

#define DEADLINE_NS 30000000000
/* No switch is as long; what is, runs on into other functions. */
#define INSTRUCTIONS_MAX 400

/* Reading one function. */
struct reader {
    const char *symbol;
    struct machine machine;
    json_t *instructions;
    json_t *saved;
    json_t *restored;
    char *error;
};

static bool fail(const struct reader *reader, const char *what)
{
    text_format(reader->error, RESULT_ERROR_BYTES, "%s: %s", reader->symbol, what);
    return false;
}

static const struct machine_kind *find_kind(const char *text)
{
    static const struct machine_kind *const kinds[] = {&machine_x86_64, &machine_aarch64};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strstr(text, kinds[i]->format) != NULL) {
            return kinds[i];
        }
    }
    return NULL;
}

/* The line behind "0123 <symbol>:", or NULL. */
static const char *find_function(const char *text, const char *symbol)
{
    char *label = alloc_format(" <%s>:\n", symbol);
    const char *found = strstr(text, label);
    const char *first = found == NULL ? NULL : found + strlen(label);
    free(label);
    return first;
}

static bool contains(const json_t *names, const char *name)
{
    size_t i;
    const json_t *item;
    json_array_foreach(names, i, item)
    {
        if (strcmp(json_string_value(item), name) == 0) {
            return true;
        }
    }
    return false;
}

/* Adds the names that are new, and answers them as one string: "x19, x20", or null. */
static json_t *add_names(json_t *names, char found[MACHINE_EFFECTS][MACHINE_NAME_BYTES])
{
    char text[MACHINE_TEXT_BYTES] = "";
    for (size_t i = 0; i < MACHINE_EFFECTS && found[i][0] != '\0'; i++) {
        text_append(text, sizeof text, "%s%s", i == 0 ? "" : ", ", found[i]);
        if (!contains(names, found[i])) {
            json_array_append_new(names, json_string(found[i]));
        }
    }
    return text[0] == '\0' ? json_null() : json_string(text);
}

static bool read_instruction(struct reader *reader, const char *line)
{
    struct instruction instruction;
    struct effect effect = {.saved = {""}};
    if (!instruction_parse(line, &instruction)) {
        return fail(reader, "an instruction is too long");
    }
    if (strncmp(instruction.mnemonic, "call", 4) == 0 || strcmp(instruction.mnemonic, "bl") == 0) {
        return fail(reader, "its straight path calls another function");
    }
    reader->machine.kind->step(&reader->machine, &instruction, &effect);
    if (reader->machine.ended && reader->machine.pc_loaded &&
        !contains(reader->restored, reader->machine.kind->counter)) {
        text_format(effect.restored[0], MACHINE_NAME_BYTES, "%s", reader->machine.kind->counter);
    }
    json_t *object = json_object();
    json_object_set_new(object, "text", json_string(instruction.text));
    json_object_set_new(object, "saves", add_names(reader->saved, effect.saved));
    json_object_set_new(object, "restores", add_names(reader->restored, effect.restored));
    json_array_append_new(reader->instructions, object);
    return true;
}

/* Follows the straight path to its end. Labels within the function are passed over. */
static bool follow(struct reader *reader, const char *s)
{
    while (*s != '\0' && !reader->machine.ended) {
        size_t length = strcspn(s, "\n");
        char line[4 * MACHINE_TEXT_BYTES];
        text_format(line, sizeof line, "%.*s", (int)length, s);
        char *code = strchr(line, '\t');
        if (code != NULL && !read_instruction(reader, code + 1)) {
            return false;
        }
        if (json_array_size(reader->instructions) > INSTRUCTIONS_MAX) {
            break;
        }
        s += length + (s[length] == '\n' ? 1 : 0);
    }
    return reader->machine.ended || fail(reader, "its straight path has no end");
}

/* A register that is saved and not restored, or the other way round, was misread. Control words are
 * only written where they differ, which is not on the straight path. */
static bool check(const struct reader *reader)
{
    size_t i;
    const json_t *item;
    const struct machine *machine = &reader->machine;
    if (!machine->switched) {
        return fail(reader, "does not switch stacks");
    }
    if (!machine->pc_loaded) {
        return fail(reader, "does not resume where the other stack says");
    }
    json_array_foreach(reader->restored, i, item)
    {
        if (!contains(reader->saved, json_string_value(item))) {
            return fail(reader, "restores a register that it did not save");
        }
    }
    json_array_foreach(reader->saved, i, item)
    {
        const char *name = json_string_value(item);
        if (machine_preserves(machine, name) && !contains(reader->restored, name)) {
            return fail(reader, "saves a register that it does not restore");
        }
    }
    return true;
}

static json_t *report(const struct reader *reader)
{
    json_t *object = json_object();
    json_object_set_new(object, "symbol", json_string(reader->symbol));
    json_object_set(object, "instructions", reader->instructions);
    json_object_set(object, "saved", reader->saved);
    json_object_set(object, "restored", reader->restored);
    return object;
}

json_t *switch_code_parse(const char *text, const char *symbol, char error[RESULT_ERROR_BYTES])
{
    struct reader reader = {.symbol = symbol,
                            .instructions = json_array(),
                            .saved = json_array(),
                            .restored = json_array(),
                            .error = error};
    json_t *object = NULL;
    const struct machine_kind *kind = find_kind(text);
    const char *first = find_function(text, symbol);
    if (kind == NULL || first == NULL) {
        fail(&reader, kind == NULL ? "unknown machine code" : "there is no such function");
    } else {
        machine_init(&reader.machine, kind);
        if (strcmp(kind->counter, "rip") == 0) { /* the call that led here has pushed it */
            json_array_append_new(reader.saved, json_string(kind->counter));
        }
        if (follow(&reader, first) && check(&reader)) {
            object = report(&reader);
        }
    }
    json_decref(reader.instructions);
    json_decref(reader.saved);
    json_decref(reader.restored);
    return object;
}

/* Runs objdump; NULL and what went wrong if it gave nothing. */
static char *disassemble(const char *program, const char *symbol, char error[RESULT_ERROR_BYTES])
{
    char *only = alloc_format("--disassemble=%s", symbol);
    char *path = alloc_copy(program);
    char *argv[] = {(char[]){"/usr/bin/env"},
                    (char[]){"objdump"},
                    (char[]){"-d"},
                    (char[]){"--no-show-raw-insn"},
                    only,
                    path,
                    NULL};
    struct child_setup setup = {.argv = argv};
    struct run_limits limits = {.deadline_ns = DEADLINE_NS, .output_bytes = RUNNER_OUTPUT_BYTES};
    struct run_outcome outcome = {.end = RUN_EXITED};
    char *text = NULL;
    int status = runner_run(&setup, &limits, &outcome);
    if (status == 0 && outcome.end == RUN_EXITED && outcome.code == 0) {
        text = alloc_copy(outcome.output);
    } else {
        text_format(error, RESULT_ERROR_BYTES, "objdump: %s",
                    status < 0                     ? strerror(-status)
                    : outcome.complaint[0] != '\0' ? outcome.complaint
                                                   : "failed");
    }
    run_outcome_destroy(&outcome);
    free(only);
    free(path);
    return text;
}

json_t *switch_code_read(const char *program, const char *symbol)
{
    char error[RESULT_ERROR_BYTES] = "";
    char *text = disassemble(program, symbol, error);
    json_t *object = text == NULL ? NULL : switch_code_parse(text, symbol, error);
    free(text);
    return object != NULL ? object : json_pack("{ssss}", "symbol", symbol, "problem", error);
}
