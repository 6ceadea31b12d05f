/* libc_calls.h - calls of libc, which has no checks of the stack, and how much of it they take. */
#ifndef SWITCHYARD_TESTS_LIBC_CALLS_H
#define SWITCHYARD_TESTS_LIBC_CALLS_H

#include <stdbool.h>
#include <stddef.h>

struct libc_call {
    const char *name;
    void (*run)(void);
    bool is_large; /* may take more than the headroom: docs/stacks.md says what to do */
};

extern const struct libc_call libc_calls[];
extern const size_t libc_calls_count;

/* Makes the call some times with the stack pointer at top, which is aligned to 16 bytes and on the
 * caller's stack, below what that uses. Returns the bytes from top down to the lowest that was
 * written; looks at `below` bytes, and destroys them. */
size_t libc_call_depth(const struct libc_call *call, char *top, size_t below);

/* The most that the call takes, measured in a task with a large slot. Not from a task. */
size_t libc_call_measure(const struct libc_call *call);

#endif
