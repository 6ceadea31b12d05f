/* fatal.h - the one way in which the runtimes end the process, with the same words in both. */
#ifndef SWITCHYARD_BASE_FATAL_H
#define SWITCHYARD_BASE_FATAL_H

#include <stdint.h>

#include <switchyard/types.h>

#define SY_EXIT_FATAL 2

/* Writes "fatal error: " and the formatted message as one line to stderr, then _exit(2). */
_Noreturn void sy_fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Misuse of an object: "fatal error: send on closed channel 5 by task 7 "producer"".
 * what names the deed and the kind of object; number is the object's handle number, or its
 * address for objects in the caller's storage. */
_Noreturn void sy_misuse(const char *what, uint64_t number);

/* The same, of another task than the caller: a sender whose channel is closed while it waits. */
_Noreturn void sy_misuse_by(sy_task task, const char *what, uint64_t number);

/* A call that only tasks may make, from a thread that is none:
 * "fatal error: sy_chan_send called from outside a task". */
_Noreturn void sy_fatal_outside_task(const char *function);

#endif
