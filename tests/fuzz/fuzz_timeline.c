/* fuzz_timeline.c - trace.json, and the figures that are drawn of it. */
#include <stdlib.h>

#include "fuzz.h"
#include "plot_figure.h"
#include "result.h"
#include "results_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static struct figure_text figure; /* too large for the stack */
    char error[RESULT_ERROR_BYTES] = "";
    struct results results = {.complete = true};
    struct json_text text = fuzz_text(bytes, count);
    if (results_read_trace(&results, &text, FUZZ_SOURCE, error) < 0) {
        fuzz_expect_refusal(error);
    }
    json_text_destroy(&text);
    for (size_t i = 0; i < FIGURES && results.trace != NULL; i++) {
        char *data = NULL;
        size_t size = 0;
        if (figure_prepare(figures[i], &results, FUZZ_SOURCE, &figure, &data, &size) == 0) {
            free(data);
        }
    }
    json_decref(results.trace);
    return 0;
}
