/* procfile.c - see procfile.h. */
#include "procfile.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK_BYTES 4096

/* Reads until the buffer is full or the file ends: one read of a /proc file may give less. */
static size_t read_fully(int file, char *buffer, size_t bytes)
{
    size_t used = 0;
    while (used < bytes) {
        ssize_t got = read(file, buffer + used, bytes - used);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            break;
        }
        used += (size_t)got;
    }
    return used;
}

bool procfile_read(const char *path, char *text, size_t bytes)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return false;
    }
    size_t used = read_fully(file, text, bytes - 1);
    text[used] = '\0';
    close(file);
    return used > 0;
}

uint64_t procfile_field(const char *text, const char *field)
{
    size_t length = strlen(field);
    for (const char *line = text; line != NULL;) {
        if (strncmp(line, field, length) == 0) {
            return strtoull(line + length, NULL, 10);
        }
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    return 0;
}

bool procfile_number(const char *path, uint64_t *number)
{
    char text[64];
    if (!procfile_read(path, text, sizeof text) || !isdigit((unsigned char)text[0])) {
        return false;
    }
    *number = strtoull(text, NULL, 10);
    return true;
}

uint64_t procfile_lines(const char *path)
{
    static char chunk[CHUNK_BYTES]; /* not on the stack: a task's may be small */
    uint64_t lines = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return 0;
    }
    for (;;) {
        size_t got = read_fully(file, chunk, sizeof chunk);
        for (size_t i = 0; i < got; i++) {
            lines += chunk[i] == '\n';
        }
        if (got < sizeof chunk) {
            close(file);
            return lines;
        }
    }
}
