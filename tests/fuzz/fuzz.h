/* fuzz.h - what the fuzz targets have in common. Each is one file, fuzz_<reader>.c, that gives a
 * reader of the harness whatever bytes libFuzzer invents, and then uses what it read. */
#ifndef SWITCHYARD_TESTS_FUZZ_FUZZ_H
#define SWITCHYARD_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "json_text.h"

/* The source that readers shall name. */
#define FUZZ_SOURCE "input"

/* What libFuzzer and main_replay.c call. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

/* Aborts unless the refusal is one printable line that begins with the source and says where:
 * "input: line 3 column 7: what", or without the column. */
void fuzz_expect_refusal(const char *error);

/* Aborts with the text if the condition does not hold. */
void fuzz_expect(int condition, const char *text);

/* A copy of the input, as a file would be read; to be freed with json_text_destroy. */
struct json_text fuzz_text(const uint8_t *bytes, size_t count);

/* A stream that throws away what is written. */
FILE *fuzz_nowhere(void);

#endif
