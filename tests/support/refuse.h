/* refuse.h - system calls that fail from now on, as an older kernel or a sandbox lets them fail.
 *
 * By a seccomp filter, for all threads of the process, for good: so in a child. Ends the process
 * with status 99 if it cannot be installed.
 */
#ifndef SWITCHYARD_TESTS_REFUSE_H
#define SWITCHYARD_TESTS_REFUSE_H

#define REFUSE_GUARDS 102 /* MADV_GUARD_INSTALL, Linux 6.13 */

/* That system call fails with the error. */
void refuse_call(long number, int error);

/* madvise with that advice, and process_madvise with any, fail with the error. */
void refuse_advice(int advice, int error);

#endif
