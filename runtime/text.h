/* text.h - builds a message without stdio: safe in a signal handler and in a dying process. */
#ifndef SWITCHYARD_TEXT_H
#define SWITCHYARD_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define TEXT_BYTES 1024

struct text {
    size_t used;
    char bytes[TEXT_BYTES]; /* what does not fit is cut */
};

void text_add(struct text *text, const char *string);
void text_add_number(struct text *text, uint64_t number);      /* decimal */
void text_add_pointer(struct text *text, const void *pointer); /* 0x... */

/* Writes it to the descriptor and empties it. */
void text_write(struct text *text, int descriptor);

#endif
