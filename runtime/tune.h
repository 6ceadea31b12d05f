/* tune.h - SWITCHYARD_TUNE: switches techniques of the runtime off, one by one, to measure what
 * each is worth. Words, separated by commas; an unknown word ends the program with the list of all.
 *
 *   norunnext          a task that is made ready goes to the end of its queue, never into a slot
 *   nosteal            procs take no tasks from each other; only the global queue moves them
 *   nospin             a worker that finds nothing sleeps at once, without looking again
 *   nonearest          thieves begin with a random victim, not with the nearest
 *   nohandoff          a task that stops switches to the scheduler, never to the next one
 *   nobias             locks never belong to a proc: each acquisition is a locked instruction
 *   nostackcache       procs keep no free stacks: spawn and end go to the shared pool
 *   nofpsave           the switch does not preserve the floating-point control words
 *   nopreemptcall      a task that runs for long is not preempted at calls of the runtime,
 *   nopreemptprologue  nor at the prologues of functions compiled with -fsplit-stack,
 *   nopreemptsignal    nor by a signal, anywhere (preempt.h); all three: no clock ticks for it
 *   nopatience         a worker that has run dry takes from others at once (patience.h)
 *   nogiveback         stacks keep their memory, and nothing hibernates (giveback.h)
 */
#ifndef SWITCHYARD_TUNE_H
#define SWITCHYARD_TUNE_H

#include <stdint.h>

enum tune {
    TUNE_NORUNNEXT = 1,
    TUNE_NOSTEAL = 2,
    TUNE_NOSPIN = 4,
    TUNE_NONEAREST = 8,
    TUNE_NOHANDOFF = 16,
    TUNE_NOBIAS = 32,
    TUNE_NOSTACKCACHE = 64,
    TUNE_NOFPSAVE = 128, /* known to switch.S */
    TUNE_NOPREEMPTCALL = 256,
    TUNE_NOPREEMPTPROLOGUE = 512,
    TUNE_NOPREEMPTSIGNAL = 1024,
    TUNE_NOGIVEBACK = 2048,
    TUNE_NOPATIENCE = 4096
};

/* Bits of enum tune; immutable while the runtime runs. */
extern uint32_t tune_off;

/* Reads the environment. When no runtime runs. */
void tune_read(void);

#endif
