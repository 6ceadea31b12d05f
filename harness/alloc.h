/* alloc.h - memory that is there or ends the program with one line: the harness needs little, and
 * a harness without memory has nothing sensible to measure. Finished trials are on disk. */
#ifndef SWITCHYARD_HARNESS_ALLOC_H
#define SWITCHYARD_HARNESS_ALLOC_H

#include <stddef.h>

/* Zeroed room for count elements, never NULL, also for none. Free with free(). */
void *alloc_array(size_t count, size_t bytes);

/* Room for one more element behind count; the new element is zeroed. Returns the moved array. */
void *alloc_append(void *array, size_t count, size_t bytes);

/* As alloc_append without zeroing, for arrays that grow large: *room is doubled when it is full. */
void *alloc_grow(void *array, size_t count, size_t *room, size_t bytes);

/* The block moved to at least that many bytes; NULL starts one. */
void *alloc_resize(void *block, size_t bytes);

/* A copy of text; NULL for NULL. */
char *alloc_copy(const char *text);

/* A formatted string. */
char *alloc_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
