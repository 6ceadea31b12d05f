/* chan.h - what sy_run needs of the channels. */
#ifndef SWITCHYARD_CHAN_INTERNAL_H
#define SWITCHYARD_CHAN_INTERNAL_H

/* Reserves room for all channels: 0 or -ENOMEM. */
int chan_pool_init(void);

/* Frees them, and the buffers of those that the program did not free. */
void chan_pool_destroy(void);

/* For dumps: the number in the handle of the channel at this address. */
unsigned chan_number(const void *chan);

#endif
