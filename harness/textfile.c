/* textfile.c - see textfile.h. */
#include "textfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 4096

static void copy_trimmed(char *to, size_t bytes, const char *from)
{
    from += strspn(from, " \t:=\"");
    size_t length = strcspn(from, "\n\"");
    snprintf(to, bytes, "%.*s", (int)length, from);
}

bool textfile_line(const char *path, char *line, size_t bytes)
{
    FILE *file = fopen(path, "re");
    line[0] = '\0';
    if (file == NULL) {
        return false;
    }
    bool read = fgets(line, (int)bytes, file) != NULL;
    fclose(file);
    line[strcspn(line, "\n")] = '\0';
    return read;
}

bool textfile_value(const char *path, const char *key, char *value, size_t bytes)
{
    char line[LINE_BYTES];
    bool found = false;
    FILE *file = fopen(path, "re");
    value[0] = '\0';
    if (file == NULL) {
        return false;
    }
    while (!found && fgets(line, sizeof line, file) != NULL) {
        found = strncmp(line, key, strlen(key)) == 0;
    }
    fclose(file);
    if (found) {
        copy_trimmed(value, bytes, line + strlen(key));
    }
    return found;
}

static long long to_number(const char *text, long long fallback)
{
    char *end;
    long long number = strtoll(text, &end, 10);
    return end != text ? number : fallback;
}

long long textfile_number(const char *path, long long fallback)
{
    char line[LINE_BYTES];
    return textfile_line(path, line, sizeof line) ? to_number(line, fallback) : fallback;
}

long long textfile_value_number(const char *path, const char *key, long long fallback)
{
    char value[LINE_BYTES];
    return textfile_value(path, key, value, sizeof value) ? to_number(value, fallback) : fallback;
}
