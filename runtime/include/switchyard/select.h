/* select.h - waiting for several channels at once, as in Go.
 *
 * A select does exactly one of its cases: the first that can go on, chosen at random, each with the
 * same probability, if several can. A case of the zero handle ("nil channel") is never chosen. A
 * channel may be in several cases, as sender and as receiver; a select is never its own partner.
 */
#ifndef SWITCHYARD_SELECT_H
#define SWITCHYARD_SELECT_H

#include <switchyard/chan.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SY_SELECT_CASES_MAX 65536

/* What a case does. */
enum sy_select_op {
    SY_SELECT_RECV, /* as sy_chan_recv */
    SY_SELECT_SEND, /* as sy_chan_send */
};

/* One case of a select. */
struct sy_case {
    sy_chan chan;         /* zero: the case is never chosen */
    enum sy_select_op op; /* what to do with it */
    void *element;        /* receive: where to, NULL drops it; send: from where, only read */
    int result; /* stored in the case that was done: what sy_chan_recv or sy_chan_send answers */
};

/* Waits until one of count cases can be done, and does it. Returns its index, or
 *   -EINVAL     cases is NULL and count > 0, count > SY_SELECT_CASES_MAX, or an op is neither
 *   -ESRCH      a case names a channel that does not exist; found unless another case is done first
 *   -ENOMEM     no memory for more cases than a few
 *   -ECANCELED  the caller's scope was cancelled, and no case could be done at once
 * Without cases, or with zero handles only, it waits for ever.
 * Misuse: a case that sends on a closed channel and is chosen, also when it is closed meanwhile.
 * May switch. From a task. */
int sy_select(struct sy_case *cases, size_t count);

/* As sy_select, but -ETIMEDOUT once the deadline has passed: nothing was sent or received.
 * May switch. From a task. */
int sy_select_until(struct sy_case *cases, size_t count, sy_time deadline);

/* As sy_select with a default case: -EAGAIN instead of waiting. Does not switch. From a task. */
int sy_try_select(struct sy_case *cases, size_t count);

/* --- Type-checked cases (see SY_CHAN in chan.h) ------------------------------------------------
 * struct sy_case cases[] = {sy_case_recv(numbers, &n), sy_case_send(words, &word)};
 * A pointer to another type than the channel's elements does not compile. */
#define SY_CHECKED_POINTER(typed, pointer)                                                         \
    (sizeof(struct {                                                                               \
         _Static_assert(__builtin_types_compatible_p(__typeof__(*(typed).sy_element),              \
                                                     __typeof__(*(pointer))),                      \
                        "the channel has another element type");                                   \
         int sy_unused;                                                                            \
     }) != 0                                                                                       \
         ? (pointer)                                                                               \
         : NULL)

#define sy_case_recv(typed, pointer)                                                               \
    {                                                                                              \
        .chan = (typed).chan, .op = SY_SELECT_RECV, .element = SY_CHECKED_POINTER(typed, pointer), \
    }

#define sy_case_send(typed, pointer)                                                               \
    {                                                                                              \
        .chan = (typed).chan, .op = SY_SELECT_SEND,                                                \
        .element = (void *)(uintptr_t)SY_CHECKED_POINTER(typed, pointer),                          \
    }

#ifdef __cplusplus
}
#endif

#endif
