/* preempt.h - regions in which a task keeps its processor. */
#ifndef SWITCHYARD_PREEMPT_H
#define SWITCHYARD_PREEMPT_H

#include <switchyard/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SY_NOPREEMPT_DEPTH 200 /* regions of one task inside of each other, at most */

/* The runtime takes the processor away from a task that has run for 10 ms while others wait
 * (docs/preemption.md). From sy_nopreempt_begin until the sy_nopreempt_end that belongs to it, it
 * does not do so with the calling task: no other task runs on its proc, nor is its thread set
 * aside. Regions nest, up to SY_NOPREEMPT_DEPTH. For critical regions: around callbacks that a
 * library calls while it holds a lock, or data that all tasks of a single proc share.
 * A call that waits (or sy_yield) lets others run as ever, and the task is in the region still when
 * it goes on; a task that ends leaves all of its regions. Nobody is shut out elsewhere: tasks on
 * other procs, and the kernel's own scheduling, go on. (Baseline: counts the regions, and has no
 * other effect: what the kernel does to threads cannot be put off.)
 * Misuse: more than SY_NOPREEMPT_DEPTH of them; an end without its begin.
 * May switch: begin before the region begins, end if the task's time was up while it was in it.
 * From a task. */
void sy_nopreempt_begin(void);
void sy_nopreempt_end(void);

#ifdef __cplusplus
}
#endif

#endif
