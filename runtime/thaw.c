/* thaw.c - hibernate.h for those who touch: steps a-d, the fault handlers' part, and pins. All but
 * the pins is signal-safe. */
#include <errno.h>

#include "base/fatal.h"
#include "cold_room.h"
#include "hibernate.h"
#include "proc.h"
#include "stack.h"
#include "uffd.h"

/* From `seen` to LOCKED; false if it is not `seen` any more. */
static bool lock(uint32_t slot, uint32_t seen)
{
    uint32_t locked = (seen & ~(uint32_t)HIBERNATE_STATE) | HIBERNATE_LOCKED;
    /* acquire: pairs with the releases of sysmon's steps 2 and 7 */
    return cas_acq_rel(&hibernate.slots[slot].word, &seen, locked);
}

/* LOCKED -> WARM. Subtracts, as an unpin may come in between. */
static void unlock(uint32_t slot)
{
    /* release: pairs with the acquire in lock and in sysmon's step 1 */
    fetch_sub_release(&hibernate.slots[slot].word, HIBERNATE_LOCKED - HIBERNATE_WARM);
}

/* Ends the protection of the whole stack. */
static void unprotect(uint32_t slot)
{
    if (uffd_unprotect(stack_bottom(slot), stack_usable_bytes()) != 0) {
        sy_fatal("a stack cannot be made writable again");
    }
}

/* Step c; the slot is LOCKED. The bytes below the stack pointer and above the top are nobody's:
 * there the pages get what lies around the block. */
static void put_back(uint32_t slot)
{
    size_t page = stack_region.page;
    char *sp = stack_task(slot)->sp;
    char *first = sp - (uintptr_t)sp % page;
    const char *source = cold_room_bytes(hibernate.slots[slot].block) - (sp - first);
    char *end = (char *)stack_bottom(slot) + stack_usable_bytes();
    for (char *at = first; at < end; at += page) {
        int error = uffd_place(at, source + (at - first), page);
        if (error != 0) {
            sy_fatal("a hibernated stack cannot be put back (error %d)", -error);
        }
    }
    cold_room_free(hibernate.slots[slot].block);
    fetch_add_relaxed(&hibernate.warmed, 1); /* relaxed: a statistic */
}

void hibernate_touch(uint32_t slot)
{
    uint32_t rounds = 0;
    for (;;) {
        /* acquire: pairs with the release in unlock: the pages are back */
        uint32_t seen = load_acquire(&hibernate.slots[slot].word);
        switch (seen & HIBERNATE_STATE) {
        case HIBERNATE_WARM:
            return;
        case HIBERNATE_MARKED:
            if (lock(slot, seen)) {
                unprotect(slot);
                unlock(slot);
            }
            break;
        case HIBERNATE_COLD:
            if (lock(slot, seen)) {
                put_back(slot);
                unlock(slot);
            }
            break;
        default:
            spin_wait(&rounds);
            break;
        }
    }
}

/* --- faults ----------------------------------------------------------------------------------- */

bool hibernate_fault(int signal, const siginfo_t *info)
{
    uint32_t slot = 0;
    size_t offset = (size_t)((const char *)info->si_addr - stack_region.base);
    if (hibernate.slots == NULL || offset >= stack_region.bytes ||
        stack_guard_hit(info->si_addr, &slot)) {
        return false;
    }
    bool wrote = signal == SIGBUS && info->si_code == BUS_ADRERR;
    bool missed = signal == SIGSEGV && info->si_code == SEGV_MAPERR;
    if (wrote || missed) {
        hibernate_touch(slot);
    }
    return wrote || missed;
}

/* --- pins ------------------------------------------------------------------------------------- */

/* True if that memory is on a stack that may hibernate while the caller runs: another task's. */
static bool is_pinned(const void *memory, uint32_t *slot)
{
    size_t offset = (size_t)((const char *)memory - stack_region.base);
    if (likely(hibernate.slots == NULL || offset >= stack_region.bytes)) {
        return false;
    }
    *slot = (uint32_t)(offset / stack_region.stride);
    return *slot != handle_slot(sy_self().id);
}

/* Adds a pin while the slot is WARM. */
static void pin(uint32_t slot)
{
    uint32_t seen = 0;
    do {
        hibernate_touch(slot);
        seen = load_relaxed(&hibernate.slots[slot].word); /* relaxed: the exchange looks again */
    } while ((seen & HIBERNATE_STATE) != HIBERNATE_WARM ||
             /* acquire: as in lock */
             !cas_acquire(&hibernate.slots[slot].word, &seen, seen + HIBERNATE_PIN));
}

void hibernate_pin(const void *memory, size_t bytes)
{
    uint32_t slot = 0;
    if (bytes > 0 && is_pinned(memory, &slot)) {
        struct proc *proc = proc_enter(); /* not to be interrupted while the slot is LOCKED */
        pin(slot);
        proc_leave(proc);
    }
}

void hibernate_unpin(const void *memory, size_t bytes)
{
    uint32_t slot = 0;
    if (bytes > 0 && is_pinned(memory, &slot)) {
        /* release: pairs with the acquire of sysmon's step 1: the kernel is done */
        fetch_sub_release(&hibernate.slots[slot].word, HIBERNATE_PIN);
    }
}

void hibernate_pin_pieces(const struct iovec *pieces, int count)
{
    hibernate_pin(pieces, (size_t)count);
    for (int i = 0; hibernate.slots != NULL && i < count; i++) {
        hibernate_pin(pieces[i].iov_base, pieces[i].iov_len);
    }
}

void hibernate_unpin_pieces(const struct iovec *pieces, int count)
{
    for (int i = 0; hibernate.slots != NULL && i < count; i++) {
        hibernate_unpin(pieces[i].iov_base, pieces[i].iov_len);
    }
    hibernate_unpin(pieces, (size_t)count);
}
