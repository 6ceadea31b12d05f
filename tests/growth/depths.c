/* depths.c - prints the table of docs/stacks.md: how much stack calls of libc take. Each in a
 * process of its own, as the first call. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libc_calls.h"
#include "segment_pool.h"

static int print_row(const struct libc_call *call)
{
    size_t bytes = libc_call_measure(call);
    const char *fits = bytes < SEGMENT_HEADROOM ? "yes" : "**no**";
    return bytes > 0 && printf("| `%s` | %zu | %s |\n", call->name, bytes, fits) > 0 &&
                   fflush(stdout) == 0
               ? 0
               : 1;
}

int main(void)
{
    int failed = 0;
    printf("| call | stack, bytes | within %zu KiB |\n|---|---|---|\n", SEGMENT_HEADROOM >> 10);
    for (size_t i = 0; i < libc_calls_count; i++) {
        int status = 1;
        (void)fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            _exit(print_row(&libc_calls[i]));
        }
        failed |= waitpid(child, &status, 0) != child || status != 0;
    }
    return failed;
}
