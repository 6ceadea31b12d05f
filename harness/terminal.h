/* terminal.h - may escape sequences be written? */
#ifndef SWITCHYARD_HARNESS_TERMINAL_H
#define SWITCHYARD_HARNESS_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

/* Is the stream a terminal that understands escape sequences, which TERM=dumb denies? */
bool terminal_understands(FILE *stream);

#endif
