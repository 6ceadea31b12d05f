/* chan.h - what the rest of the baseline needs of channels. */
#ifndef SWITCHYARD_PTHREAD_CHAN_H
#define SWITCHYARD_PTHREAD_CHAN_H

#include <sys/types.h>

#include <switchyard/types.h>

/* The size of an element, or -ESRCH. From any thread. */
ssize_t chan_element_bytes(sy_chan handle);

/* As sy_chan_try_send, from any thread, and drops the element if the channel is closed. */
void chan_offer(sy_chan handle, const void *element);

/* Frees the channels that the program left. When no task runs. */
void chan_free_all(void);

#endif
