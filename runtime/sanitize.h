/* sanitize.h - tells ASan and TSan about stacks and critical sections; nothing in other builds.
 *
 * TSan: every task is a fiber, switched with no_sync, so that TSan sees only the order that the
 * runtime's own protocol makes. The section's end is a store in assembly that TSan cannot see, so
 * the switch announces it (sanitize_switch), and entering acquires it. */
#ifndef SWITCHYARD_SANITIZE_H
#define SWITCHYARD_SANITIZE_H

#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZE_ADDRESS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZE_ADDRESS 1
#endif
#if __has_feature(thread_sanitizer)
#define SANITIZE_THREAD 1
#endif
#endif

/* Something must run in the resumed context before its caller goes on. */
#if defined(SANITIZE_ADDRESS) || defined(SANITIZE_THREAD)
#define SANITIZE_SWITCH_RETURNS 1
#else
#define SANITIZE_SWITCH_RETURNS 0
#endif

#if defined(SANITIZE_THREAD)
#include <sanitizer/tsan_interface.h>

static inline void sanitize_section_enter(void *word)
{
    __tsan_acquire(word);
}
#define SANITIZE_FIBERS 1

static inline void sanitize_task_end(void **fiber)
{
    if (*fiber != NULL) {
        __tsan_destroy_fiber(*fiber);
        *fiber = NULL;
    }
}
/* Not at a task's end, which still runs on its fiber: at the next use of the slot. */
static inline void sanitize_task_begin(void **fiber)
{
    sanitize_task_end(fiber);
    *fiber = __tsan_create_fiber(0);
}
static inline void sanitize_thread_begin(void **fiber)
{
    *fiber = __tsan_get_current_fiber();
}

/* Always inline: a function of its own would be entered on one fiber's call stack and left on the
 * other's, which then runs out. */
static inline __attribute__((always_inline)) void sanitize_switch(void **to_fiber,
                                                                  void *section_word,
                                                                  void *lock_word)
{
    void *fiber = *to_fiber; /* before others may change it */
    __tsan_release(lock_word);
    __tsan_release(section_word);
    __tsan_switch_to_fiber(fiber, __tsan_switch_to_fiber_no_sync);
}
#else
#define SANITIZE_FIBERS 0

static inline void sanitize_section_enter(void *word)
{
    (void)word;
}
static inline void sanitize_task_begin(void **fiber)
{
    (void)fiber;
}
static inline void sanitize_task_end(void **fiber)
{
    (void)fiber;
}
static inline void sanitize_thread_begin(void **fiber)
{
    (void)fiber;
}
static inline void sanitize_switch(void **to_fiber, void *section_word, void *lock_word)
{
    (void)to_fiber;
    (void)section_word;
    (void)lock_word;
}
#endif

#if defined(SANITIZE_ADDRESS)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

static inline void sanitize_stack_start(void **save, const void *bottom, size_t bytes)
{
    __sanitizer_start_switch_fiber(save, bottom, bytes);
}
static inline void sanitize_stack_finish(void *save)
{
    __sanitizer_finish_switch_fiber(save, NULL, NULL);
}
static inline void sanitize_unpoison(void *bottom, size_t bytes)
{
    __asan_unpoison_memory_region(bottom, bytes);
}
#else
static inline void sanitize_stack_start(void **save, const void *bottom, size_t bytes)
{
    (void)save;
    (void)bottom;
    (void)bytes;
}
static inline void sanitize_stack_finish(void *save)
{
    (void)save;
}
static inline void sanitize_unpoison(void *bottom, size_t bytes)
{
    (void)bottom;
    (void)bytes;
}
#endif

#endif
