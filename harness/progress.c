/* progress.c - see progress.h. */
#include "progress.h"

#include <stdio.h>
#include <time.h>

#include "terminal.h"

#define SECOND_NS 1000000000
/* Without a terminal a line every ten seconds tells a log reader that it lives. */
#define PLAIN_INTERVAL_NS ((int64_t)10 * SECOND_NS)
#define CLEAR_LINE "\r\033[K"

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * SECOND_NS + now.tv_nsec;
}

void progress_duration(int64_t ns, char *text, size_t bytes)
{
    int64_t seconds = (ns + SECOND_NS - 1) / SECOND_NS;
    if (seconds < 60) {
        snprintf(text, bytes, "%lld s", (long long)seconds);
    } else {
        snprintf(text, bytes, "%lld m %02lld s", (long long)seconds / 60, (long long)seconds % 60);
    }
}

void progress_begin(struct progress *progress, const struct plan *plan)
{
    *progress = (struct progress){.plan = plan, .terminal = terminal_understands(stderr)};
}

void progress_step(struct progress *progress, size_t step)
{
    char left[32];
    const struct plan *plan = progress->plan;
    const struct cell *cell = &plan->cells[plan->steps[step].cell];
    int64_t now = now_ns();
    if (!progress->terminal && now - progress->told_ns < PLAIN_INTERVAL_NS &&
        progress->told_ns != 0) {
        return;
    }
    progress->told_ns = now;
    progress_duration(plan_estimate_ns(plan, step), left, sizeof left);
    fprintf(stderr, "%s[%zu/%zu] about %s left: %s on %s%s", progress->terminal ? CLEAR_LINE : "",
            step + 1, plan->steps_count, left, cell->workload->name, cell->catalogue->backend,
            progress->terminal ? "" : "\n");
    fflush(stderr);
}

void progress_clear(const struct progress *progress)
{
    if (progress->terminal) {
        fputs(CLEAR_LINE, stderr);
        fflush(stderr);
    }
}
