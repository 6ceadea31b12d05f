/* fuzz_acknowledgements.c - the file of changes that somebody has looked at. */
#include "fuzz.h"
#include "history_series.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    char error[RESULT_ERROR_BYTES] = "";
    struct acknowledgements list;
    struct history_entry entry = {.revision = (char[]){"abc"}};
    struct history_point point = {&entry, NULL};
    const struct history_series series = {.name = "switch.yield switch green", .points = &point};
    const struct change change = {.at = 0};
    struct json_text text = fuzz_text(bytes, count);
    if (acknowledgements_from_text(&text, FUZZ_SOURCE, &list, error) < 0) {
        fuzz_expect_refusal(error);
    }
    json_text_destroy(&text);
    const char *reason = acknowledged(&list, &series, &change);
    fuzz_expect(reason == NULL || reason[0] != '\0', "a reason that is not empty");
    acknowledgements_destroy(&list);
    return 0;
}
