/* fuzz_wrong.c - wrong.json, and the sentences of the report that are made of it. */
#include "fuzz.h"
#include "plot_text.h"
#include "wrong.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    char error[RESULT_ERROR_BYTES] = "";
    char conclusion[WRONG_TEXT_BYTES];
    struct json_text text = fuzz_text(bytes, count);
    struct lessons *lessons = wrong_from_text(&text, FUZZ_SOURCE, error);
    if (lessons == NULL) {
        fuzz_expect_refusal(error);
    }
    json_text_destroy(&text);
    for (size_t i = 0; lessons != NULL && i < lessons->count; i++) {
        if (lessons->lessons[i].problem == NULL) {
            wrong_conclude(&lessons->lessons[i], conclusion, sizeof conclusion);
            fuzz_expect(conclusion[0] != '\0', "a conclusion");
            wrong_ratio_text(&lessons->lessons[i], WAY_RIGHT);
        }
    }
    wrong_free(lessons);
    return 0;
}
