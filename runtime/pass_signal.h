/* pass_signal.h - signals that the runtime has taken over, but which are not its own: they go to
 * the action that the program had installed before sy_run.
 *
 * A handler is called as the kernel would: with its own mask, and given up after the first call
 * if it wanted that. It runs on the stack that the signal came on: for workers that is the signal
 * stack, 64 KiB, whether it asked for one or not. It may return, when it has mended what was wrong,
 * or leave by siglongjmp. The runtime's handler stays in its place.
 */
#ifndef SWITCHYARD_PASS_SIGNAL_H
#define SWITCHYARD_PASS_SIGNAL_H

#include <signal.h>
#include <stdbool.h>

/* In a handler. False if the program had no handler: the action is the default one, or none. */
bool pass_signal_call(struct sigaction *previous, int signal, siginfo_t *info, void *context);

/* The same for a fault. Without a handler, the action is put back, and the instruction faults
 * again. */
void pass_signal_fault(struct sigaction *previous, int signal, siginfo_t *info, void *context);

#endif
