/* refuse.c - see refuse.h. */
#include "support/refuse.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FAIL_WITH(error)                                                                           \
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ((unsigned)(error)&SECCOMP_RET_DATA))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
/* Goes on if the word is this one, else skips so many lines. */
#define IF_EQUAL(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(value), 0, (skip))

static void install(struct sock_filter *filter, size_t lines)
{
    struct sock_fprog program = {.len = (unsigned short)lines, .filter = filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) != 0) {
        _exit(99);
    }
}

void refuse_call(long number, int error)
{
    struct sock_filter filter[] = {LOAD(nr), IF_EQUAL(number, 1), FAIL_WITH(error), ALLOW};
    install(filter, sizeof filter / sizeof filter[0]);
}

void refuse_advice(int advice, int error)
{
    struct sock_filter filter[] = {
        LOAD(nr), IF_EQUAL(SYS_madvise, 3), LOAD(args[2]), IF_EQUAL(advice, 1), FAIL_WITH(error),
        ALLOW,
    };
    refuse_call(SYS_process_madvise, error);
    install(filter, sizeof filter / sizeof filter[0]);
}
