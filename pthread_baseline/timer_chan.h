/* timer_chan.h - what sy_run needs of the timers. */
#ifndef SWITCHYARD_PTHREAD_TIMER_CHAN_H
#define SWITCHYARD_PTHREAD_TIMER_CHAN_H

/* Disarms all timers and ends the thread that serves them. When no task runs. */
void timer_end_run(void);

#endif
