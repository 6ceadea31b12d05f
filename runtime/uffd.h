/* uffd.h - userfaultfd(2), for pages that others may touch while they are taken away and brought
 * back (hibernate.h). In user mode only, so that no privilege is needed: the kernel's own accesses
 * to such pages fail with EFAULT.
 *
 * A range is registered for write protection, nothing else: pages that were never touched behave as
 * ever, and a write to a protected page gives SIGBUS (UFFD_FEATURE_SIGBUS), so no thread has to
 * serve the faults of others. */
#ifndef SWITCHYARD_UFFD_H
#define SWITCHYARD_UFFD_H

#include <stdbool.h>
#include <stddef.h>

/* True if the kernel gives us one, and puts pages in place of guards. */
bool uffd_is_possible(void);

/* Registers the range. 0 or a negative errno. One at a time. */
int uffd_open(void *range, size_t bytes);
void uffd_close(void);

/* From when it returns every write to these pages gives SIGBUS, on all CPUs; what was written
 * before is seen by all. Pages that do not exist are left out. 0 or a negative errno. */
int uffd_protect(void *pages, size_t bytes);

/* Writes are as ever. Signal-safe. */
int uffd_unprotect(void *pages, size_t bytes);

/* From when it returns, touching pages of the range that do not exist gives SIGBUS, too: while
 * pages are taken away, and before there is a guard in their place, nobody sees zeros or writes to
 * what goes away. -ENOMEM: too many mappings. uffd_untrap: as before. */
int uffd_trap(void *range, size_t bytes);
int uffd_untrap(void *range, size_t bytes);

/* Puts a copy of the bytes at source, a page of them, in place of a guard, at once: nobody sees
 * less than all of it. 0, -EEXIST if there is a page already, or another negative errno.
 * Signal-safe. */
int uffd_place(void *page, const void *source, size_t bytes);

#endif
