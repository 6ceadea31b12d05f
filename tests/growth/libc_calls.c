/* libc_calls.c - see libc_calls.h. Method: the stack below is filled with a pattern, and looked at
 * afterwards. Nothing here has checks of the stack itself, lest it goes on on a segment. */
#include "libc_calls.h"

#include <float.h>
#include <glob.h>
#include <netdb.h>
#include <pwd.h>
#include <regex.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <switchyard/switchyard.h>

#include "stack.h"
#include "worker.h"

#define NO_CHECK __attribute__((noinline, no_split_stack))
#define PATTERN UINT64_C(0xa5c3961b5ad3e742)
#define REPEATS 3 /* the first call may do more than others, or less */
#define SORTED 100000
#define DIGITS 5000
#define GROUPS 300
#define MEASURE_STACK_BYTES ((size_t)1 << 20)

static char text[2 * DIGITS];

/* --- the calls: what they return does not matter ---------------------------------------------- */

static NO_CHECK void print_some(void)
{
    (void)snprintf(text, sizeof text, "%d %s %g", 5, "words", 1.5);
}

static NO_CHECK void print_double(void)
{
    (void)snprintf(text, sizeof text, "%f", DBL_MAX);
}

static NO_CHECK void print_long_double(void)
{
    (void)snprintf(text, sizeof text, "%Lf", 1e100L);
}

static NO_CHECK void print_largest_long_double(void)
{
    (void)snprintf(text, sizeof text, "%Lf", LDBL_MAX);
}

static NO_CHECK void print_many_digits(void)
{
    (void)snprintf(text, sizeof text, "%.*Lf", DIGITS, LDBL_MAX / 3);
}

/* With a buffer on the stack, as printf makes one for a stream that has none. */
static NO_CHECK void print_unbuffered(void)
{
    FILE *file = fopen("/dev/null", "we");
    if (file != NULL) {
        setbuf(file, NULL);
        (void)fprintf(file, "%d %s", 5, "words");
        (void)fclose(file);
    }
}

static NO_CHECK void fill_with_digits(void)
{
    memset(text, '7', DIGITS);
    text[1] = '.';
    text[DIGITS] = '\0';
}

static NO_CHECK void read_double(void)
{
    fill_with_digits();
    (void)strtod(text, NULL);
}

static NO_CHECK void read_long_double(void)
{
    fill_with_digits();
    (void)strtold(text, NULL);
}

static NO_CHECK void scan_long_double(void)
{
    long double value = 0;
    (void)sscanf("1.25e300", "%Lf", &value); /* NOLINT(cert-err34-c): only called */
}

static NO_CHECK int compare(const void *a, const void *b)
{
    int left = *(const int *)a;
    int right = *(const int *)b;
    return (left > right) - (left < right);
}

static NO_CHECK void sort_many(void)
{
    static int numbers[SORTED];
    for (int i = 0; i < SORTED; i++) {
        numbers[i] = (int)(i * UINT32_C(2654435761) >> 4);
    }
    qsort(numbers, SORTED, sizeof numbers[0], compare);
}

static NO_CHECK void match(const char *pattern, const char *subject)
{
    regex_t compiled;
    regmatch_t places[4];
    if (regcomp(&compiled, pattern, REG_EXTENDED) == 0) {
        (void)regexec(&compiled, subject, 4, places, 0);
        regfree(&compiled);
    }
}

static NO_CHECK void match_short_pattern(void)
{
    match("^([a-z]+)@([a-z]+)[.](com|org)$", "someone@example.com");
}

static NO_CHECK void match_long_pattern(void)
{
    static const char group[] = "(a|bc)*";
    for (size_t i = 0; i < GROUPS; i++) {
        memcpy(text + i * (sizeof group - 1), group, sizeof group);
    }
    match(text, "abcbcabcaaabcabcbcabc");
}

static NO_CHECK void look_up_localhost(void)
{
    struct addrinfo *found = NULL;
    if (getaddrinfo("localhost", "80", NULL, &found) == 0) {
        freeaddrinfo(found);
    }
}

static NO_CHECK void look_up_user(void)
{
    (void)getpwnam("root");
}

static NO_CHECK void allocate(void)
{
    static const size_t sizes[] = {24, 1000, 100000, (size_t)10 << 20};
    void *volatile blocks[4];
    for (size_t i = 0; i < 4; i++) {
        blocks[i] = malloc(sizes[i]);
    }
    for (size_t i = 0; i < 4; i++) {
        free(blocks[i]);
    }
}

static NO_CHECK void read_line(void)
{
    FILE *file = fopen("/etc/passwd", "re");
    if (file != NULL) {
        (void)!fgets(text, sizeof text, file);
        (void)fclose(file);
    }
}

static NO_CHECK void find_files(void)
{
    glob_t found;
    if (glob("/usr/*/*", 0, NULL, &found) == 0) {
        globfree(&found);
    }
}

static NO_CHECK void resolve_path(void)
{
    free(realpath("/proc/self/cwd/..", NULL));
}

static NO_CHECK void tell_time(void)
{
    struct tm parts;
    time_t now = 1;
    if (localtime_r(&now, &parts) != NULL) {
        (void)strftime(text, sizeof text, "%A, %d %B %Y", &parts);
    }
}

const struct libc_call libc_calls[] = {
    {"malloc and free, 24 B to 10 MiB", allocate, false},
    {"qsort of 100,000 numbers", sort_many, false},
    {"fopen, fgets, fclose", read_line, false},
    {"localtime_r, strftime", tell_time, false},
    {"getpwnam(\"root\")", look_up_user, false},
    {"realpath", resolve_path, false},
    {"printf(\"%d %s %g\")", print_some, false},
    {"printf(\"%f\", DBL_MAX)", print_double, false},
    {"printf(\"%Lf\", 1e100L)", print_long_double, false},
    {"fprintf to a stream without buffer", print_unbuffered, false},
    {"strtod of 5,000 digits", read_double, false},
    {"strtold of 5,000 digits", read_long_double, false},
    {"sscanf(\"%Lf\")", scan_long_double, false},
    {"getaddrinfo(\"localhost\")", look_up_localhost, false},
    {"regcomp, regexec, a short pattern", match_short_pattern, false},
    {"glob(\"/usr/*/*\")", find_files, true}, /* with the number of files, up to 64 KiB */
    {"printf(\"%Lf\", LDBL_MAX)", print_largest_long_double, true},
    {"printf(\"%.5000Lf\", LDBL_MAX / 3)", print_many_digits, true},
    {"regcomp, regexec, 300 groups", match_long_pattern, true},
};

const size_t libc_calls_count = sizeof libc_calls / sizeof libc_calls[0];

/* --- measuring -------------------------------------------------------------------------------- */

static NO_CHECK void call_on(char *top, void (*run)(void))
{
    __asm__ volatile("movq %%rsp, %%rbx\n\tmovq %0, %%rsp\n\tcall *%1\n\tmovq %%rbx, %%rsp"
                     :
                     : "r"(top), "r"(run)
                     : "rbx", "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "xmm0",
                       "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
                       "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "memory", "cc");
}

NO_CHECK size_t libc_call_depth(const struct libc_call *call, char *top, size_t below)
{
    volatile uint64_t *end = (volatile uint64_t *)(void *)top;
    volatile uint64_t *lowest = end - below / 8;
    for (volatile uint64_t *word = lowest; word < end; word++) {
        *word = PATTERN;
    }
    for (int i = 0; i < REPEATS; i++) {
        call_on(top, call->run);
    }
    while (lowest < end && *lowest == PATTERN) {
        lowest++;
    }
    return (size_t)(top - (char *)(uintptr_t)lowest);
}

struct measurement {
    const struct libc_call *call;
    size_t bytes;
};

static int measure(void *arg)
{
    struct measurement *measurement = arg;
    char *bottom = stack_bottom(worker_task()->slot.index);
    measurement->bytes = libc_call_depth(measurement->call, bottom + MEASURE_STACK_BYTES / 2,
                                         MEASURE_STACK_BYTES / 2);
    return 0;
}

size_t libc_call_measure(const struct libc_call *call)
{
    struct sy_config config = {.procs = 1, .max_tasks = 64, .stack_bytes = MEASURE_STACK_BYTES};
    struct measurement measurement = {.call = call};
    return sy_run(&config, measure, &measurement) == 0 ? measurement.bytes : 0;
}
