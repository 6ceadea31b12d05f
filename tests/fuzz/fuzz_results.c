/* fuzz_results.c - results.json, and everything that is done with results.
 *
 * What must hold: no crash, no leak; a refusal says where; cutting the samples out of the text
 * accepts the same files, with the same values, as the JSON library alone; what is written of
 * accepted results is accepted again.
 */
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "export.h"
#include "fuzz.h"
#include "plot_figure.h"
#include "report_sections.h"
#include "result.h"
#include "row_text.h"
#include "table.h"

/* Beyond this, the bootstrap over so many rows only takes time. */
#define ROWS_MAX 50

static void expect_same_samples(const struct results *fast, const struct results *slow)
{
    fuzz_expect(fast->rows_count == slow->rows_count, "as many rows");
    for (size_t i = 0; i < fast->rows_count; i++) {
        fuzz_expect(fast->rows[i].trials_count == slow->rows[i].trials_count, "as many trials");
        for (size_t k = 0; k < fast->rows[i].trials_count; k++) {
            const struct result_trial *a = &fast->rows[i].trials[k];
            const struct result_trial *b = &slow->rows[i].trials[k];
            fuzz_expect(a->samples_count == b->samples_count, "as many samples");
            fuzz_expect(a->samples_count == 0 ||
                            memcmp(a->samples, b->samples, a->samples_count * sizeof(double)) == 0,
                        "the same samples");
        }
    }
}

static void compare_ways(const struct json_text *text, const struct results *fast)
{
    char error[RESULT_ERROR_BYTES];
    struct results *slow = NULL;
    json_t *root = NULL;
    if (json_text_parse(text, FUZZ_SOURCE, &root, error) == 0) {
        results_from_json(root, FUZZ_SOURCE, &slow, error);
    }
    fuzz_expect((fast != NULL) == (slow != NULL), "both ways of reading agree");
    if (fast != NULL) {
        expect_same_samples(fast, slow);
    }
    results_free(slow);
    json_decref(root);
}

static void use_figures(const struct results *results)
{
    static struct figure_text text; /* too large for the stack */
    for (size_t i = 0; i < FIGURES; i++) {
        char *data = NULL;
        size_t size = 0;
        if (figure_prepare(figures[i], results, FUZZ_SOURCE, &text, &data, &size) == 0) {
            free(data);
        }
    }
}

static void use_report(const struct results *results)
{
    struct report report = {.out = fuzz_nowhere(),
                            .results = results,
                            .source = FUZZ_SOURCE,
                            .figures = "/nonexistent",
                            .link = "figures"};
    report_question(&report);
    report_method(&report);
    report_summary(&report);
    report_figures(&report);
    report_claims(&report);
    report_failures(&report);
    report_limits(&report);
}

static void use_exports(const struct results *results)
{
    static const char *const formats[] = {"gbench", "github",   "bmf",      "gobench",
                                          "csv",    "markdown", "hyperfine"};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        struct export export = {.results = results, .out = fuzz_nowhere(), .notes = fuzz_nowhere()};
        export_find(formats[i])->write(&export);
    }
}

static void use_comparison(const struct results *results)
{
    struct compare_options options = {.threshold = 0.02};
    struct comparison *comparison = compare_new(results, results, &options);
    compare_print(fuzz_nowhere(), comparison);
    compare_free(comparison);
}

/* What is written is read again. */
static void use_writer(const struct results *results)
{
    for (size_t i = 0; i < results->rows_count; i++) {
        json_error_t problem;
        char *text = row_text(&results->rows[i]);
        fuzz_expect(text != NULL, "a row as text");
        json_t *row = json_loads(text, JSON_REJECT_DUPLICATES, &problem);
        fuzz_expect(row != NULL, problem.text);
        json_decref(row);
        free(text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    char error[RESULT_ERROR_BYTES] = "";
    struct results *results = NULL;
    struct json_text text = fuzz_text(bytes, count);
    if (results_from_text(&text, FUZZ_SOURCE, &results, error) < 0) {
        fuzz_expect_refusal(error);
    }
    compare_ways(&text, results);
    json_text_destroy(&text);
    if (results != NULL && results->rows_count <= ROWS_MAX) {
        use_writer(results);
        use_exports(results);
        use_comparison(results);
        table_print(fuzz_nowhere(), results, true);
        use_figures(results);
        use_report(results);
    }
    results_free(results);
    return 0;
}
