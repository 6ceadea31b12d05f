/* text.c - see text.h. */
#include "text.h"

#include <unistd.h>

static void add_bytes(struct text *text, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count && text->used < TEXT_BYTES; i++) {
        text->bytes[text->used++] = bytes[i];
    }
}

void text_add(struct text *text, const char *string)
{
    size_t length = 0;
    while (string[length] != '\0') {
        length++;
    }
    add_bytes(text, string, length);
}

static void add_in_base(struct text *text, uint64_t number, unsigned base)
{
    char digits[24];
    size_t first = sizeof digits;
    do {
        digits[--first] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number > 0);
    add_bytes(text, digits + first, sizeof digits - first);
}

void text_add_number(struct text *text, uint64_t number)
{
    add_in_base(text, number, 10);
}

void text_add_pointer(struct text *text, const void *pointer)
{
    text_add(text, "0x");
    add_in_base(text, (uintptr_t)pointer, 16);
}

void text_write(struct text *text, int descriptor)
{
    size_t written = 0;
    while (written < text->used) {
        ssize_t count = write(descriptor, text->bytes + written, text->used - written);
        if (count <= 0) {
            break; /* nobody is left to tell */
        }
        written += (size_t)count;
    }
    text->used = 0;
}
