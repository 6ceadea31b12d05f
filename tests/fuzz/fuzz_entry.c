/* fuzz_entry.c - results.json and the gate's JSON, as `switchyard history add` reads them: the line
 * that is made of them is one that the history's reader accepts. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "history.h"

static void read_again(const json_t *entry)
{
    char error[RESULT_ERROR_BYTES] = "";
    struct history history;
    char *line = json_dumps(entry, JSON_COMPACT | JSON_REAL_PRECISION(9));
    fuzz_expect(line != NULL, "a line");
    struct json_text text = {.bytes = line, .count = strlen(line)};
    fuzz_expect(history_from_text(&text, FUZZ_SOURCE, &history, error) == 0, error);
    history_destroy(&history);
    json_text_destroy(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    char error[RESULT_ERROR_BYTES] = "";
    struct json_text text = fuzz_text(bytes, count);
    json_t *entry = history_entry_from_text(&text, FUZZ_SOURCE, error);
    if (entry == NULL) {
        fuzz_expect_refusal(error);
    } else {
        read_again(entry);
    }
    json_decref(entry);
    json_text_destroy(&text);
    return 0;
}
