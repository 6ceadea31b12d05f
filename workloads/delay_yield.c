/* delay_yield.c - a sy_yield that takes longer by a known share: what `switchyard gate --inject`
 * has to find. It is linked into switchyard-green-delayed only (the linker's --wrap): the other
 * workers hold nothing of it, not one instruction.
 *
 * Every PERIOD-th yield runs a chain of dependent multiplications first. A delay of a nanosecond in
 * every yield would vanish in what the processor does at once; a microsecond in one of a thousand
 * does not. SWITCHYARD_DELAY is the number of steps; without it, DELAY_STEPS.
 */
#include <stdint.h>
#include <stdlib.h>

#include <switchyard/switchyard.h>

#define PERIOD 1024
#ifndef DELAY_STEPS
#define DELAY_STEPS 0
#endif

void __real_sy_yield(void); // NOLINT(bugprone-reserved-identifier): the linker's name
void __wrap_sy_yield(void); // NOLINT(bugprone-reserved-identifier): the linker's name

static uint64_t steps = DELAY_STEPS;
static _Thread_local uint32_t yields;

/* Before main, so that no yield has to ask whether it is the first. */
__attribute__((constructor)) static void read_steps(void)
{
    const char *text = getenv("SWITCHYARD_DELAY");
    if (text != NULL) {
        steps = strtoull(text, NULL, 10);
    }
}

static void delay(void)
{
    volatile uint64_t sink;
    uint64_t value = 1;
    for (uint64_t i = 0; i < steps; i++) {
        value = value * 0x9e3779b97f4a7c15u + i;
    }
    sink = value;
    (void)sink;
}

void __wrap_sy_yield(void)
{
    if (++yields % PERIOD == 0) {
        delay();
    }
    __real_sy_yield();
}
