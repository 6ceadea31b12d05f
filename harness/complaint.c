/* complaint.c - see complaint.h. */
#include "complaint.h"

#include <stdbool.h>
#include <string.h>

static const char fatal[] = "fatal error:";

void complaint_add(struct complaint *complaint, const char *bytes, size_t count)
{
    if (count > COMPLAINT_TAIL_BYTES) {
        bytes += count - COMPLAINT_TAIL_BYTES;
        count = COMPLAINT_TAIL_BYTES;
    }
    size_t room = COMPLAINT_TAIL_BYTES - complaint->used;
    if (count > room) {
        size_t drop = count - room;
        memmove(complaint->tail, complaint->tail + drop, complaint->used - drop);
        complaint->used -= drop;
    }
    memcpy(complaint->tail + complaint->used, bytes, count);
    complaint->used += count;
}

static bool is_blank(const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r') {
            return false;
        }
    }
    return true;
}

static void copy_printable(char *line, size_t bytes, const char *from, size_t length)
{
    size_t used = length < bytes - 1 ? length : bytes - 1;
    for (size_t i = 0; i < used; i++) {
        line[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '?';
    }
    line[used] = '\0';
}

void complaint_line(const struct complaint *complaint, char *line, size_t bytes)
{
    const char *at = complaint->tail;
    const char *end = at + complaint->used;
    line[0] = '\0';
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((newline != NULL ? newline : end) - at);
        if (!is_blank(at, length)) {
            copy_printable(line, bytes, at, length);
        }
        if (strncmp(line, fatal, sizeof fatal - 1) == 0) {
            return;
        }
        at += length + 1;
    }
}

void complaint_make_printable(char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < ' ' || *text == '\x7f') {
            *text = '?';
        }
    }
}
