/* uffd.c - see uffd.h. */
#include "uffd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "stack.h"

#define FEATURES (UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_SIGBUS)

static int descriptor = -1; /* written while no other worker runs */

/* errno belongs to the code that a signal may have interrupted. */
static int control(unsigned long request, void *argument)
{
    int kept = errno;
    int error = 0;
    do {
        error = ioctl(descriptor, request, argument) == 0 ? 0 : -errno;
    } while (error == -EAGAIN || error == -EINTR);
    errno = kept;
    return error;
}

static int enlist(void *range, size_t bytes, uint64_t mode)
{
    struct uffdio_register area = {.range = {.start = (uintptr_t)range, .len = bytes},
                                   .mode = mode};
    return control(UFFDIO_REGISTER, &area);
}

int uffd_open(void *range, size_t bytes)
{
    struct uffdio_api api = {.api = UFFD_API, .features = FEATURES};
    descriptor = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
    if (descriptor < 0) {
        return -errno;
    }
    int error = control(UFFDIO_API, &api);
    if (error == 0) {
        error = enlist(range, bytes, UFFDIO_REGISTER_MODE_WP);
    }
    if (error != 0) {
        uffd_close();
    }
    return error;
}

void uffd_close(void)
{
    close(descriptor);
    descriptor = -1;
}

static int protect(void *pages, size_t bytes, uint64_t mode)
{
    struct uffdio_writeprotect what = {.range = {.start = (uintptr_t)pages, .len = bytes},
                                       .mode = mode};
    return control(UFFDIO_WRITEPROTECT, &what);
}

int uffd_protect(void *pages, size_t bytes)
{
    return protect(pages, bytes, UFFDIO_WRITEPROTECT_MODE_WP);
}

int uffd_unprotect(void *pages, size_t bytes)
{
    return protect(pages, bytes, 0);
}

int uffd_trap(void *range, size_t bytes)
{
    return enlist(range, bytes, UFFDIO_REGISTER_MODE_WP | UFFDIO_REGISTER_MODE_MISSING);
}

/* A mode is not taken away by registering again without it. */
int uffd_untrap(void *range, size_t bytes)
{
    struct uffdio_range area = {.start = (uintptr_t)range, .len = bytes};
    int error = control(UFFDIO_UNREGISTER, &area);
    return error == 0 ? enlist(range, bytes, UFFDIO_REGISTER_MODE_WP) : error;
}

int uffd_place(void *page, const void *source, size_t bytes)
{
    struct uffdio_copy what = {.dst = (uintptr_t)page,
                               .src = (uintptr_t)source,
                               .len = bytes,
                               .mode = UFFDIO_COPY_MODE_DONTWAKE};
    return control(UFFDIO_COPY, &what);
}

/* A page, a guard in its place, and a page in place of that. */
static bool replaces_guards(char *pages, size_t page)
{
    pages[0] = 1;
    pages[page] = 2;
    return uffd_protect(pages, page) == 0 && uffd_trap(pages, page) == 0 &&
           madvise(pages, page, MADV_GUARD_INSTALL) == 0 && uffd_untrap(pages, page) == 0 &&
           uffd_place(pages, pages + page, page) == 0 && pages[0] == 2;
}

bool uffd_is_possible(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) {
        return true; /* nobody knows; and there is no memory to start with */
    }
    bool possible = uffd_open(pages, 2 * page) == 0;
    if (possible) {
        possible = replaces_guards(pages, page);
        uffd_close();
    }
    munmap(pages, 2 * page);
    return possible;
}
