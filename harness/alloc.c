/* alloc.c - see alloc.h. */
#include "alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

static _Noreturn void out_of_memory(void)
{
    fputs("switchyard: out of memory\n", stderr);
    exit(EXIT_INTERNAL);
}

void *alloc_array(size_t count, size_t bytes)
{
    void *array = calloc(count + 1, bytes);
    if (array == NULL) {
        out_of_memory();
    }
    return array;
}

void *alloc_append(void *array, size_t count, size_t bytes)
{
    char *larger = reallocarray(array, count + 1, bytes);
    if (larger == NULL) {
        out_of_memory();
    }
    memset(larger + count * bytes, 0, bytes);
    return larger;
}

void *alloc_resize(void *block, size_t bytes)
{
    void *larger = realloc(block, bytes > 0 ? bytes : 1);
    if (larger == NULL) {
        out_of_memory();
    }
    return larger;
}

char *alloc_copy(const char *text)
{
    if (text == NULL) {
        return NULL;
    }
    char *copy = strdup(text);
    if (copy == NULL) {
        out_of_memory();
    }
    return copy;
}

char *alloc_format(const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0) {
        out_of_memory();
    }
    return text;
}

void *alloc_grow(void *array, size_t count, size_t *room, size_t bytes)
{
    if (count < *room) {
        return array;
    }
    *room = *room == 0 ? 256 : 2 * *room;
    return alloc_resize(array, *room * bytes);
}
