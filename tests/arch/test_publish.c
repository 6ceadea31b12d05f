/* test_publish.c - a switch publishes the old context only when its registers are saved.
 * Method: the three stores that publish go to pages that may not be written. Each stops in a
 * signal handler, which sees exactly what another processor could see at that moment. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "context.h"
#include "expect.h"
#include "offsets.h"
#include "suites.h"

#define PAGE ((size_t)4096)
#define STORES 3

/* What the handler saw at a store. */
struct sight {
    const void *address; /* of the store */
    const char *sp;      /* where the processor's stack pointer was */
    void *saved_sp;
    uint32_t lock_word;
    uint32_t in_section;
    _Atomic uint32_t *release;
};

/* Pages: the shared lock | the end of one with in_section | the next, which begins with release. */
static char *pages;
static _Atomic uint32_t *lock_word;
static char *proc;
static struct context home;
static struct context other;
static struct sight sights[STORES];
static unsigned stores;

static _Atomic uint32_t *in_section(void)
{
    return (_Atomic uint32_t *)(void *)(proc + PROC_IN_SECTION);
}

static _Atomic uint32_t **release(void)
{
    return (_Atomic uint32_t **)(void *)(proc + PROC_RELEASE);
}

static void on_store(int signal, siginfo_t *info, void *machine)
{
    char *page = pages + ((char *)info->si_addr - pages) / (ptrdiff_t)PAGE * (ptrdiff_t)PAGE;
    (void)signal;
    if (stores == STORES || page < pages || page >= pages + 3 * PAGE) {
        abort();
    }
    sights[stores++] = (struct sight){.address = info->si_addr,
                                      .sp = arch_stack_pointer(machine),
                                      .saved_sp = home.task.sp,
                                      .lock_word = *lock_word,
                                      .in_section = *in_section(),
                                      .release = *release()};
    mprotect(page, PAGE, PROT_READ | PROT_WRITE);
}

static void lay_out(void)
{
    pages = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) {
        perror("mmap");
        exit(EXIT_FAILURE);
    }
    lock_word = (_Atomic uint32_t *)(void *)pages;
    proc = pages + 2 * PAGE - PROC_RELEASE;
    *lock_word = 1;
    *in_section() = 1;
    *release() = lock_word;
}

static void set_handler(struct sigaction *previous)
{
    static char stack[64 << 10];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_sigaction = on_store, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigaltstack(&alternate, NULL);
    sigaction(SIGSEGV, &action, previous);
}

static void record_nothing(struct context *self)
{
    (void)self;
}

static void switch_on_read_only_pages(void)
{
    struct sigaction previous;
    lay_out();
    context_proc_init(&context_proc);
    context_init(&other, record_nothing, arch_control_words());
    other.back = &home;
    home.task.sp = NULL;
    set_handler(&previous);
    mprotect(pages, 3 * PAGE, PROT_READ);
    sy_switch(&home.task, &other.task, (struct proc *)(void *)proc);
    sigaction(SIGSEGV, &previous, NULL);
}

static void test_publish_comes_after_save_and_in_order(void)
{
    switch_on_read_only_pages();
    const char *bottom = other.stack;
    EXPECT(stores == STORES);
    for (unsigned i = 0; i < STORES; i++) {
        EXPECT(sights[i].saved_sp != NULL);
        EXPECT(sights[i].sp > bottom && sights[i].sp <= bottom + CONTEXT_STACK_BYTES);
        EXPECT(sights[i].in_section == 1);
        EXPECT(sights[i].lock_word == (i == 0));
        EXPECT(sights[i].release == (i < 2 ? lock_word : in_section()));
    }
    EXPECT(sights[0].address == lock_word);
    EXPECT(sights[1].address == release());
    EXPECT(sights[2].address == in_section());
    EXPECT(*in_section() == 0);
    context_destroy(&other);
    munmap(pages, 3 * PAGE);
}

void test_publish(void)
{
    test_publish_comes_after_save_and_in_order();
}
