/* fuzz_baseline.c - ci/baseline.json: the counts that the exact layer compares with. */
#include <math.h>

#include "fuzz.h"
#include "gate_exact.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    char error[RESULT_ERROR_BYTES] = "";
    struct exact_layer layer;
    json_t *fingerprint = NULL;
    struct json_text text = fuzz_text(bytes, count);
    if (exact_baseline_from_text(&layer, &fingerprint, &text, FUZZ_SOURCE, error) < 0) {
        fuzz_expect_refusal(error);
        fuzz_expect(layer.rows == NULL && fingerprint == NULL, "nothing of what is refused");
    }
    json_text_destroy(&text);
    for (size_t i = 0; i < layer.rows_count; i++) {
        fuzz_expect(isfinite(layer.rows[i].base.of[EXACT_INSTRUCTIONS]), "a number");
    }
    exact_layer_judge(&layer);
    exact_layer_destroy(&layer);
    json_decref(fingerprint);
    return 0;
}
