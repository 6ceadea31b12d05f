/* fuzz_trace_text.c - the text that a worker writes of its schedule, and the timeline of it. */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"
#include "timeline.h"
#include "trace_chrome.h"
#include "trace_text.h"

#define ROWS_MAX 8
#define PARTS_MAX 200

static void use(const struct trace *trace)
{
    struct timeline timeline;
    struct catalogue catalogue = {.backend = (char[]){"green"}};
    struct catalogue_workload workload = {.name = (char[]){"w"}};
    struct cell cell = {.catalogue = &catalogue, .workload = &workload, .procs = 1};
    struct chrome_writer writer;
    timeline_build(trace, ROWS_MAX, PARTS_MAX, &timeline);
    chrome_begin(&writer, fuzz_nowhere());
    chrome_add(&writer, &cell, trace, &timeline);
    chrome_end(&writer);
    timeline_destroy(&timeline);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    char error[RESULT_ERROR_BYTES] = "";
    struct trace trace;
    struct json_text text = fuzz_text(bytes, count);
    FILE *in = fmemopen(text.bytes, count + (count == 0), "r");
    fuzz_expect(in != NULL, "a stream");
    if (trace_read(in, FUZZ_SOURCE, &trace, error) < 0) {
        fuzz_expect_refusal(error);
    } else {
        use(&trace);
        trace_destroy(&trace);
    }
    fclose(in);
    json_text_destroy(&text);
    return 0;
}
