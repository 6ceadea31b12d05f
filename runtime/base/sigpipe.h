/* sigpipe.h - no SIGPIPE for the threads of a runtime: writing to a closed pipe answers -EPIPE.
 *
 * The signal is blocked in the thread, so neither the program's handler nor its disposition is
 * touched, and other threads keep what they have. It is sent to the thread that writes, where it
 * stays pending; with the thread it goes. Threads inherit the mask of who makes them.
 */
#ifndef SWITCHYARD_BASE_SIGPIPE_H
#define SWITCHYARD_BASE_SIGPIPE_H

#include <stdbool.h>

struct sigpipe {
    bool blocked; /* it was blocked before */
    bool pending; /* it was pending before */
};

/* Blocks SIGPIPE in the calling thread, and keeps how it was. */
void sigpipe_block(struct sigpipe *before);

/* Makes it in the same thread as it was before: one that came meanwhile is dropped. */
void sigpipe_restore(const struct sigpipe *before);

#endif
