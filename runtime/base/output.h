/* output.h - writing all of a text to a descriptor, from a runtime's inside. */
#ifndef SWITCHYARD_BASE_OUTPUT_H
#define SWITCHYARD_BASE_OUTPUT_H

#include <stddef.h>

/* Writes all the bytes, however many calls of write(2) that takes; waits for a descriptor that does
 * not wait itself. Returns 0, or the negative errno value of write(2): then some may be written.
 * Takes no lock. Does not switch. */
int output_write(int fd, const char *bytes, size_t count);

#endif
