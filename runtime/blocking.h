/* blocking.h - calls that may block in the kernel, made by a task on its worker. */
#ifndef SWITCHYARD_BLOCKING_H
#define SWITCHYARD_BLOCKING_H

/* Around such a call: from a task, outside of sections. Between the two the caller is outside of
 * the runtime, and must call nothing of it. May switch: afterwards the task may be on another proc.
 */
void blocking_begin(void);
void blocking_end(void);

#endif
