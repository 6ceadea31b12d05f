/* fuzz_worker.c - what a worker prints: the answer to a trial, and its list of workloads. */
#include <string.h>

#include "catalogue.h"
#include "fuzz.h"
#include "trial.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static char tasks[] = "tasks";
    static char rounds[] = "rounds";
    const struct param_value params[] = {{tasks, 2}, {rounds, 10}};
    struct trial_request request = {.backend = "green",
                                    .worker = "w",
                                    .workload = "good.steady",
                                    .procs = 1,
                                    .epochs = 3,
                                    .warmup = 1,
                                    .params = params,
                                    .params_count = 2};
    char error[RESULT_ERROR_BYTES] = "";
    struct trial_report report;
    struct catalogue catalogue;
    struct json_text text = fuzz_text(bytes, count);
    trial_parse(text.bytes, text.count, &request, &report);
    fuzz_expect((report.status == TRIAL_OK) == (report.reason == NULL), "a reason if not ok");
    trial_report_destroy(&report);
    if (catalogue_parse(text.bytes, text.count, "green", FUZZ_SOURCE, &catalogue, error) == 0) {
        catalogue_destroy(&catalogue);
    } else {
        fuzz_expect(strstr(error, FUZZ_SOURCE " --list: ") == error, error);
    }
    json_text_destroy(&text);
    return 0;
}
