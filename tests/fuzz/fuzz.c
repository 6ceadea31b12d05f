/* fuzz.c - see fuzz.h. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"

void fuzz_expect(int condition, const char *text)
{
    if (!condition) {
        fprintf(stderr, "expected: %s\n", text);
        abort();
    }
}

void fuzz_expect_refusal(const char *error)
{
    unsigned long line = 0;
    fuzz_expect(sscanf(error, FUZZ_SOURCE ": line %lu", &line) == 1 && line > 0, error);
    fuzz_expect(strlen(error) > strlen(FUZZ_SOURCE ": line 1: "), error);
    for (const char *at = error; *at != '\0'; at++) {
        fuzz_expect((unsigned char)*at >= ' ' && *at != '\x7f', "a printable refusal");
    }
}

struct json_text fuzz_text(const uint8_t *bytes, size_t count)
{
    struct json_text text = {.bytes = alloc_resize(NULL, count + 1), .count = count};
    memcpy(text.bytes, bytes, count);
    text.bytes[count] = '\0';
    return text;
}

FILE *fuzz_nowhere(void)
{
    static FILE *nowhere;
    nowhere = nowhere != NULL ? nowhere : fopen("/dev/null", "w");
    return nowhere;
}
