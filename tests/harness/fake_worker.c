/* fake_worker.c - a worker that behaves as its workload's name says: well, or as badly as can be.
 * FAKE_BACKEND is the back end that it plays. No runtime is in it, so that the harness is tested
 * alone. */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "fake_answer.h"

#define FLOOD_BYTES ((size_t)1 << 30)
#define CHATTER_BYTES ((size_t)64 << 20)
#define HOARD_BYTES ((size_t)96 << 20)

struct behaviour {
    const char *workload;
    void (*act)(const struct request *request);
};

/* --- Good and unlucky workloads -------------------------------------------------------------- */

static void good(const struct request *request)
{
    print_head(request, request->workload);
    print_status("ok", NULL);
    print_metrics("[2.0, 1.0, 3.0]");
    print_tail(request->tasks);
}

/* The two back ends do different work. */
static void unequal(const struct request *request)
{
    print_head(request, request->workload);
    print_status("ok", NULL);
    print_metrics("[2.0]");
    print_tail((long long)strlen(FAKE_BACKEND));
}

/* A round takes 1 us on green and 3 us on pthread. */
static void counted(const struct request *request)
{
    print_head(request, request->workload);
    print_status("ok", NULL);
    print_metrics("[2.0, 1.0, 3.0]");
    print_tail_counted(request->tasks, request->rounds * (FAKE_BACKEND[0] == 'g' ? 1000 : 3000));
}

static void slow(const struct request *request)
{
    usleep(30000);
    good(request);
}

static void failed(const struct request *request)
{
    print_head(request, request->workload);
    print_status("failed", "task 7 was refused: EAGAIN");
    printf("\"metrics\": [], ");
    print_tail(0);
}

static void skipped(const struct request *request)
{
    print_head(request, request->workload);
    print_status("skipped", "only the green runtime has this");
    printf("\"metrics\": [], ");
    print_tail(0);
}

/* Tells the test that a trial has begun: one byte in the file that FAKE_LOG names. */
static void tell_start(void)
{
    const char *path = getenv("FAKE_LOG");
    FILE *file = path != NULL ? fopen(path, "a") : NULL;
    if (file != NULL) {
        fputc('x', file);
        fclose(file);
    }
}

static void padded(const struct request *request)
{
    tell_start();
    print_head(request, request->workload);
    print_status("ok", NULL);
    print_padded_metrics();
    print_tail(request->tasks);
}

/* Fails in one of three trials, in the middle of its measurement. */
static void padded_fails(const struct request *request)
{
    tell_start();
    print_head(request, request->workload);
    print_status(padding() % 3 == 0 ? "failed" : "ok", padding() % 3 == 0 ? "bad luck" : NULL);
    print_padded_metrics();
    print_tail(request->tasks);
}

/* The harness decides what is set, its environment does not. */
static void environment(const struct request *request)
{
    (has_unwanted() ? failed : good)(request);
}

/* --- Bad ends -------------------------------------------------------------------------------- */

static void segfault(const struct request *request)
{
    (void)request;
    fputs("about to crash\n", stderr);
    raise(SIGSEGV);
}

static void aborts(const struct request *request)
{
    (void)request;
    fputs("fatal error: it broke\ntask 1 waits\n\n", stderr);
    abort();
}

static void hang(const struct request *request)
{
    (void)request;
    for (;;) {
        pause();
    }
}

static void ignore_sigterm(const struct request *request)
{
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    hang(request);
}

static void stop_itself(const struct request *request)
{
    raise(SIGSTOP);
    hang(request);
}

/* Tells its number to the test through the file that FAKE_PID_FILE names. */
static void tell_pid(void)
{
    const char *path = getenv("FAKE_PID_FILE");
    FILE *file = path != NULL ? fopen(path, "w") : NULL;
    if (file != NULL) {
        fprintf(file, "%d\n", (int)getpid());
        fclose(file);
    }
}

/* The answer is good, but a grandchild in a session of its own keeps the pipes open for ever. */
static void grandchild(const struct request *request)
{
    int ready[2];
    char byte = 0;
    if (pipe(ready) != 0) {
        exit(EXIT_FAILURE);
    }
    if (fork() == 0) {
        setsid();
        tell_pid();
        if (write(ready[1], "x", 1) == 1) {
            hang(request);
        }
    }
    if (read(ready[0], &byte, 1) == 1) {
        good(request);
    }
}

static void flood(const struct request *request)
{
    static char block[1 << 16];
    (void)request;
    memset(block, ' ', sizeof block);
    for (size_t i = 0; i < FLOOD_BYTES / sizeof block; i++) {
        fwrite(block, 1, sizeof block, stdout);
    }
}

/* Much on stderr, and in the end a good answer. */
static void chatter(const struct request *request)
{
    static char block[1 << 16];
    memset(block, 'e', sizeof block);
    for (size_t i = 0; i < CHATTER_BYTES / sizeof block; i++) {
        fwrite(block, 1, sizeof block, stderr);
    }
    good(request);
}

/* Nobody is at the other end any more, but it has not ended. */
static void close_output(const struct request *request)
{
    fclose(stdout);
    fclose(stderr);
    hang(request);
}

/* The answer is whole, and then it crashes. */
static void crash_late(const struct request *request)
{
    good(request);
    fflush(stdout);
    raise(SIGSEGV);
}

/* A family that goes on forking until it is killed. */
static void fork_on(const struct request *request)
{
    (void)request;
    for (;;) {
        if (fork() != 0) {
            _exit(EXIT_SUCCESS);
        }
        setsid();
        usleep(1000);
    }
}

static void eat_memory(const struct request *request)
{
    struct rlimit small = {HOARD_BYTES, HOARD_BYTES};
    setrlimit(RLIMIT_DATA, &small);
    volatile char *hoard = malloc(HOARD_BYTES / 2); /* volatile: each byte is really written */
    for (size_t i = 0; hoard != NULL && i < HOARD_BYTES / 2; i++) {
        hoard[i] = 1;
    }
    hang(request);
}

static void exit_status(const struct request *request)
{
    (void)request;
    fputs("no such thing\n", stderr);
    exit(3);
}

/* --- Rubbish --------------------------------------------------------------------------------- */

static void silent(const struct request *request)
{
    (void)request;
}

static void not_json(const struct request *request)
{
    (void)request;
    puts("hello, I am not JSON");
}

/* Deeper than any sensible answer. */
static void deep(const struct request *request)
{
    (void)request;
    for (int i = 0; i < 100000; i++) {
        putchar('[');
    }
}

static void infinite(const struct request *request)
{
    print_head(request, request->workload);
    print_status("ok", NULL);
    print_metrics("[1e999]");
    print_tail(1);
}

static void not_a_number(const struct request *request)
{
    print_head(request, request->workload);
    print_status("ok", NULL);
    print_metrics("[1.0, NaN]");
    print_tail(1);
}

static void half_a_line(const struct request *request)
{
    print_head(request, request->workload);
    printf("\"status\": \"o");
}

static void two_objects(const struct request *request)
{
    good(request);
    good(request);
}

static void other_workload(const struct request *request)
{
    print_head(request, "good.steady");
    print_status("ok", NULL);
    print_metrics("[1.0]");
    print_tail(1);
}

static const struct behaviour behaviours[] = {
    {"good.steady", good},
    {"good.slow", slow},
    {"good.counted", counted},
    {"good.unequal", unequal},
    {"good.skipped", skipped},
    {"good.environment", environment},
    {"good.padded", padded},
    {"bad.padded", padded_fails},
    {"bad.chatter", chatter},
    {"bad.closed", close_output},
    {"bad.late", crash_late},
    {"bad.forks", fork_on},
    {"bad.deep", deep},
    {"bad.infinite", infinite},
    {"bad.failed", failed},
    {"bad.segfault", segfault},
    {"bad.abort", aborts},
    {"bad.hang", hang},
    {"bad.sigterm", ignore_sigterm},
    {"bad.stop", stop_itself},
    {"bad.grandchild", grandchild},
    {"bad.flood", flood},
    {"bad.memory", eat_memory},
    {"bad.exit", exit_status},
    {"bad.silent", silent},
    {"bad.json", not_json},
    {"bad.nan", not_a_number},
    {"bad.half", half_a_line},
    {"bad.twice", two_objects},
    {"bad.other", other_workload},
};

enum { BEHAVIOURS = sizeof behaviours / sizeof behaviours[0] };

static void print_list(void)
{
    printf("{\"schema\": \"switchyard-worker/1\", \"backend\": \"" FAKE_BACKEND "\", "
           "\"workloads\": [");
    for (size_t i = 0; i < BEHAVIOURS; i++) {
        printf(
            "%s{\"name\": \"%s\", \"summary\": \"fake\", \"green_only\": false, \"params\": ["
            "{\"name\": \"tasks\", \"value\": 2, \"min\": 1, \"max\": 1000, \"unit\": \"tasks\", "
            "\"help\": \"how many\"}, "
            "{\"name\": \"rounds\", \"value\": 10, \"min\": 1, \"max\": 1000000, \"unit\": \"1\", "
            "\"help\": \"how often\"}]}",
            i > 0 ? ", " : "", behaviours[i].workload);
    }
    puts("]}");
}

static void read_param(struct request *request, const char *text)
{
    if (sscanf(text, "tasks=%lld", &request->tasks) != 1) {
        sscanf(text, "rounds=%lld", &request->rounds);
    }
}

static void read_arguments(struct request *request, int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--workload") == 0) {
            request->workload = argv[i + 1];
        } else if (strcmp(argv[i], "--procs") == 0) {
            request->procs = atoi(argv[i + 1]);
        } else if (strcmp(argv[i], "--epochs") == 0) {
            request->epochs = atoi(argv[i + 1]);
        } else if (strcmp(argv[i], "--warmup") == 0) {
            request->warmup = atoi(argv[i + 1]);
        } else if (strcmp(argv[i], "--tune") == 0) {
            request->tune = argv[i + 1];
        } else if (strcmp(argv[i], "--trace") == 0) {
            request->trace = argv[i + 1];
        } else if (strcmp(argv[i], "--param") == 0) {
            read_param(request, argv[i + 1]);
        }
    }
}

int main(int argc, char **argv)
{
    struct request request = {.workload = ""};
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        print_list();
        return EXIT_SUCCESS;
    }
    read_arguments(&request, argc, argv);
    write_trace(&request);
    for (size_t i = 0; i < BEHAVIOURS; i++) {
        if (strcmp(behaviours[i].workload, request.workload) == 0) {
            behaviours[i].act(&request);
            return EXIT_SUCCESS;
        }
    }
    fprintf(stderr, "unknown workload %s\n", request.workload);
    return 2;
}
