/* chan.h - what the rest of the baseline needs of channels. */
#ifndef SWITCHYARD_PTHREAD_CHAN_H
#define SWITCHYARD_PTHREAD_CHAN_H

/* Frees the channels that the program left. When no task runs. */
void chan_free_all(void);

#endif
