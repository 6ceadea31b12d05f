/* misuse.h - what each misuse is called, the same words in both runtimes.
 *
 * Each is used as sy_misuse(MISUSE_..., number), where number is the handle number of a channel or,
 * if the words end in "0x", the address of an object in the caller's storage; sy_misuse adds the
 * number and the task.
 */
#ifndef SWITCHYARD_BASE_MISUSE_H
#define SWITCHYARD_BASE_MISUSE_H

#define MISUSE_SEND_ON_CLOSED "send on closed channel"
#define MISUSE_CLOSE_OF_CLOSED "close of closed channel"
#define MISUSE_UNLOCK_OF_UNLOCKED "unlock of unlocked mutex 0x"
#define MISUSE_UNLOCK_BY_OTHER "unlock by another task than the holder of mutex 0x"
#define MISUSE_WAIT_WITHOUT_MUTEX "wait on a condition variable without holding mutex 0x"
#define MISUSE_WAITGROUP_NEGATIVE "negative counter of waitgroup 0x"
#define MISUSE_WAITGROUP_OVERFLOW "counter overflow of waitgroup 0x"
#define MISUSE_READ_UNLOCK_OF_UNLOCKED "read unlock without a reader of rwlock 0x"
#define MISUSE_WRITE_UNLOCK_BY_OTHER "write unlock by another task than the writer of rwlock 0x"

#endif
