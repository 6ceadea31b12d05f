/* main_replay.c - gives a fuzz target the files that are named, without libFuzzer: the seeds, and
 * inputs that once went wrong, are tests of every build. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static int replay(const char *path)
{
    struct json_text text;
    char error[JSON_TEXT_ERROR_BYTES];
    if (json_text_load(path, &text, error) < 0) {
        fprintf(stderr, "%s\n", error);
        return EXIT_FAILURE;
    }
    uint8_t *bytes = malloc(text.count + 1); /* exactly as large, so that ASan sees its end */
    memcpy(bytes, text.bytes, text.count);
    LLVMFuzzerTestOneInput(bytes, text.count);
    free(bytes);
    json_text_destroy(&text);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    int status = argc > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
    for (int i = 1; i < argc; i++) {
        status |= replay(argv[i]);
    }
    return status;
}
