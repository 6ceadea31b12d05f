/* chan.h - channels: typed queues between tasks, as in Go (and in Hoare's CSP, 1978).
 *
 * A channel of capacity 0 is unbuffered: a send completes when a receiver takes the element. A
 * receiver that waits gets the element written straight to where it asked for it.
 * First come, first served among waiters of a kind. A channel is freed by sy_chan_free, not by
 * close; use of a freed one answers -ESRCH.
 */
#ifndef SWITCHYARD_CHAN_H
#define SWITCHYARD_CHAN_H

#include <switchyard/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SY_CHAN_ELEMENT_BYTES_MAX 65536 /* largest element */

/* Makes a channel for elements of element_bytes (0 ... SY_CHAN_ELEMENT_BYTES_MAX; 0 passes only
 * the signal) that buffers up to capacity of them.
 *   -EINVAL     chan is NULL or the element is too large
 *   -EOVERFLOW  element_bytes * capacity exceeds what an object may have (PTRDIFF_MAX)
 *   -ENOMEM     no memory for the buffer
 *   -EAGAIN     2^24 channels exist
 * Does not switch. From a task. */
int sy_chan_new(sy_chan *chan, size_t element_bytes, size_t capacity);

/* Frees the channel and what it still buffers.
 *   -ESRCH  no such channel    -EBUSY  tasks wait on it
 * Does not switch. From a task. */
int sy_chan_free(sy_chan chan);

/* Sends a copy of *element; waits while the buffer is full and nobody receives.
 * Returns 0, or -ESRCH (no such channel), or -ECANCELED (scope.h): nothing was sent.
 * Misuse: send on a closed channel, also when it is closed while the sender waits.
 * May switch. From a task. */
int sy_chan_send(sy_chan chan, const void *element);

/* Receives into *element; waits while there is nothing to receive.
 * Returns 1 for an element, 0 if the channel is closed and drained (*element is then zeroed), or
 * -ESRCH, or -ECANCELED (scope.h). element may be NULL: the value is dropped.
 * May switch. From a task. */
int sy_chan_recv(sy_chan chan, void *element);

/* As above, but -EAGAIN instead of waiting. Do not switch. From a task. */
int sy_chan_try_send(sy_chan chan, const void *element);
int sy_chan_try_recv(sy_chan chan, void *element);

/* As above, but -ETIMEDOUT once the deadline has passed. A send that timed out sent nothing, a
 * receive that timed out took nothing. May switch. From a task. */
int sy_chan_send_until(sy_chan chan, const void *element, sy_time deadline);
int sy_chan_recv_until(sy_chan chan, void *element, sy_time deadline);

/* Closes the channel: buffered elements can still be received, then receives answer 0; whoever
 * waits to receive wakes up. -ESRCH: no such channel.
 * Misuse: close of a closed channel. Does not switch. From a task. */
int sy_chan_close(sy_chan chan);

/* Elements buffered now, and capacity; a snapshot. -ESRCH. Do not switch. From a task. */
ssize_t sy_chan_len(sy_chan chan);
ssize_t sy_chan_cap(sy_chan chan);

/* --- Type-checked channels -----------------------------------------------------------------
 * SY_CHAN(int) numbers; sy_make(&numbers, 128); sy_send(numbers, 7); sy_recv(numbers, &n);
 * An element of another type does not compile; there are no silent conversions. */
#define SY_CHAN(type)                                                                              \
    union {                                                                                        \
        sy_chan chan;                                                                              \
        type *sy_element; /* never a value: it carries the type */                                 \
    }

#define SY_CHECK_TYPE(typed, value)                                                                \
    _Static_assert(                                                                                \
        __builtin_types_compatible_p(__typeof__(*(typed).sy_element), __typeof__(value)),          \
        "the channel has another element type")

#define sy_make(typed, capacity)                                                                   \
    sy_chan_new(&(typed)->chan, sizeof(*(typed)->sy_element), (capacity))

#define sy_send(typed, value)                                                                      \
    __extension__({                                                                                \
        SY_CHECK_TYPE(typed, value);                                                               \
        __typeof__(*(typed).sy_element) sy_copy = (value);                                         \
        sy_chan_send((typed).chan, &sy_copy);                                                      \
    })

#define sy_recv(typed, pointer)                                                                    \
    __extension__({                                                                                \
        SY_CHECK_TYPE(typed, *(pointer));                                                          \
        sy_chan_recv((typed).chan, (pointer));                                                     \
    })

#define sy_try_send(typed, value)                                                                  \
    __extension__({                                                                                \
        SY_CHECK_TYPE(typed, value);                                                               \
        __typeof__(*(typed).sy_element) sy_copy = (value);                                         \
        sy_chan_try_send((typed).chan, &sy_copy);                                                  \
    })

#define sy_try_recv(typed, pointer)                                                                \
    __extension__({                                                                                \
        SY_CHECK_TYPE(typed, *(pointer));                                                          \
        sy_chan_try_recv((typed).chan, (pointer));                                                 \
    })

#define sy_send_until(typed, value, deadline)                                                      \
    __extension__({                                                                                \
        SY_CHECK_TYPE(typed, value);                                                               \
        __typeof__(*(typed).sy_element) sy_copy = (value);                                         \
        sy_chan_send_until((typed).chan, &sy_copy, (deadline));                                    \
    })

#define sy_recv_until(typed, pointer, deadline)                                                    \
    __extension__({                                                                                \
        SY_CHECK_TYPE(typed, *(pointer));                                                          \
        sy_chan_recv_until((typed).chan, (pointer), (deadline));                                   \
    })

#define sy_close(typed) sy_chan_close((typed).chan)
#define sy_free(typed) sy_chan_free((typed).chan)

#ifdef __cplusplus
}
#endif

#endif
