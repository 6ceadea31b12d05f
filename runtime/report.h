/* report.h - where a dump goes: line by line to a descriptor, or into memory first, so that tasks
 * stand still only while it is made, and not until somebody has read it. Without malloc and stdio;
 * where nothing is held back, it is safe in a signal handler. */
#ifndef SWITCHYARD_REPORT_H
#define SWITCHYARD_REPORT_H

#include <stdbool.h>

#include "text.h"

struct report {
    struct text text; /* what is being built */
    int fd;
    int error;  /* 0, or what the first write that failed returned: nothing is written any more */
    bool held;  /* in memory until the end */
    char *kept; /* mapped */
    size_t used;
    size_t room;
};

void report_begin(struct report *report, int fd, bool held);

/* Passes the text on, and empties it. If there is no memory to hold it, it is written at once. */
void report_push(struct report *report);

/* Writes what was held. 0, or the error of write(2). */
int report_end(struct report *report);

/* file(function+0x12) [0x401234], of a return address, and the end of the line. The function is
 * named if the dynamic linker knows it. */
void report_add_frame(struct report *report, void *frame);

/* An indented line for each of them. interrupted: the first one is where a signal came, and not a
 * return address. Passes the text on. */
void report_frames(struct report *report, void *const *frames, int count, bool interrupted);

/* Makes sure that backtrace(3) has loaded what it needs: it does not load it in a signal handler
 * or a dying process. */
void report_prepare(void);

#endif
