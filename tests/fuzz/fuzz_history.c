/* fuzz_history.c - the history, its series and their changes. */
#include "fuzz.h"
#include "history.h"
#include "history_series.h"

/* Beyond this, the search for changes only takes time. */
#define ENTRIES_MAX 200

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    char error[RESULT_ERROR_BYTES] = "";
    struct history history;
    struct json_text text = fuzz_text(bytes, count);
    if (history_from_text(&text, FUZZ_SOURCE, &history, error) < 0) {
        fuzz_expect_refusal(error);
        fuzz_expect(history.entries == NULL, "nothing of a file that is refused");
    }
    json_text_destroy(&text);
    if (history.entries_count <= ENTRIES_MAX) {
        struct history_table table = history_table(&history, NULL);
        for (size_t i = 0; i < table.series_count; i++) {
            for (size_t k = 0; k < table.series[i].changes_count; k++) {
                history_is_worse(&table.series[i], &table.series[i].changes[k]);
            }
        }
        history_table_destroy(&table);
    }
    history_destroy(&history);
    return 0;
}
