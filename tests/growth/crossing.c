/* crossing.c - see crossing.h. */
#include "crossing.h"

#include "worker.h"

#define OWN_FRAME 512 /* more than what this function and the call below take */

__attribute__((noinline)) long crossing_at(uint32_t offset, long (*body)(long arg), long arg)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    uintptr_t left = here - worker_task()->stack_limit; /* not the thread's: it may be poisoned */
    uintptr_t keep = OWN_FRAME + (uintptr_t)offset * CROSSING_STEP;
    volatile char *filler = __builtin_alloca(left > keep ? left - keep : 1);
    *filler = 1;
    return body(arg) + *filler - 1;
}
