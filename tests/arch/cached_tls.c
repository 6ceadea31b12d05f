/* cached_tls.c - what no_cached_tls.sh must find: an address of a thread-local, kept over a switch.
 * It is only disassembled, never run. */
#include <errno.h>

#include <switchyard/switchyard.h>

__thread int counters[4];

__attribute__((noinline)) void keep_address(int *volatile *place);
__attribute__((noinline)) void keep_errno(void);

void keep_address(int *volatile *place)
{
    *place = counters;
    sy_yield();
    *place = counters;
}

void keep_errno(void)
{
    errno = 0;
    sy_yield();
    errno = 1;
}

int main(void)
{
    int *volatile place;
    keep_address(&place);
    keep_errno();
    return 0;
}
