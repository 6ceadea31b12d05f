/* report_path.c - where things lie, seen from each other. */
#include "report_path.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "plot_text.h"

void path_beside(char *out, size_t size, const char *file, const char *name)
{
    const char *slash = strrchr(file, '/');
    text_format(out, size, "%.*s%s", slash == NULL ? 0 : (int)(slash + 1 - file), file, name);
}

/* How many bytes of two absolute paths name common folders. */
static size_t common_folders(const char *a, const char *b)
{
    size_t common = 0;
    size_t i = 0;
    while (a[i] != '\0' && a[i] == b[i]) {
        i++;
        if ((a[i] == '/' || a[i] == '\0') && (b[i] == '/' || b[i] == '\0')) {
            common = i;
        }
    }
    return common;
}

void path_relative(char *out, size_t size, const char *file, const char *folder)
{
    char beside[PATH_MAX];
    char from[PATH_MAX];
    char to[PATH_MAX];
    path_beside(beside, sizeof beside, file, ".");
    if (realpath(beside, from) == NULL || realpath(folder, to) == NULL) {
        text_format(out, size, "%s", folder);
        return;
    }
    size_t common = common_folders(from, to);
    out[0] = '\0';
    for (const char *s = from + common; *s != '\0'; s++) {
        if (*s == '/' && s[1] != '\0') {
            text_append(out, size, "../");
        }
    }
    const char *rest = to + common + (to[common] == '/' ? 1 : 0);
    text_append(out, size, "%s", rest[0] == '\0' ? "." : rest);
}
