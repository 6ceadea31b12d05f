/* trace_chrome.h - timelines as one file of Chrome trace events, which Perfetto and
 * chrome://tracing open, and which `switchyard plot` reads (docs/protocol.md). */
#ifndef SWITCHYARD_HARNESS_TRACE_CHROME_H
#define SWITCHYARD_HARNESS_TRACE_CHROME_H

#include <stdio.h>

#include "plan.h"
#include "timeline.h"

#define TIMELINE_SCHEMA "switchyard-timeline/1"

struct chrome_writer {
    FILE *out;
    size_t processes; /* written so far */
    size_t events;
    uint64_t arrows; /* the ids of arrows go on over all processes */
};

/* The file is chrome_begin, chrome_add for each process, chrome_end. Errors of writing stay in the
 * stream (ferror). */
void chrome_begin(struct chrome_writer *writer, FILE *out);

/* One back end's run of a cell, as a process with a row for each worker. */
void chrome_add(struct chrome_writer *writer, const struct cell *cell, const struct trace *trace,
                const struct timeline *timeline);

void chrome_end(struct chrome_writer *writer);

#endif
