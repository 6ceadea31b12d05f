/* target.c - see target.h. */
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"

enum { LINKS_MAX = 40 }; /* as many as the kernel follows */

/* Puts what a link says in place of its path: a relative one starts in the link's folder. */
static int replace_by_link(char path[PATH_MAX], const char *link)
{
    char joined[PATH_MAX * 2];
    const char *slash = strrchr(path, '/');
    int folder = link[0] == '/' || slash == NULL ? 0 : (int)(slash + 1 - path);
    int length = snprintf(joined, sizeof joined, "%.*s%s", folder, path, link);
    if (length < 0 || length >= PATH_MAX) {
        return -ENAMETOOLONG;
    }
    memcpy(path, joined, (size_t)length + 1);
    return 0;
}

/* realpath() does not tell where a link leads whose file is still to be made. */
static int follow_links(char path[PATH_MAX])
{
    for (int links = 0; links < LINKS_MAX; links++) {
        char link[PATH_MAX];
        ssize_t length = readlink(path, link, sizeof link - 1);
        if (length < 0) {
            return errno == EINVAL || errno == ENOENT ? 0 : -errno;
        }
        link[length] = '\0';
        int status = replace_by_link(path, link);
        if (status < 0) {
            return status;
        }
    }
    return -ELOOP;
}

int target_resolve(const char *path, char resolved[PATH_MAX])
{
    struct stat about;
    if (strlen(path) >= PATH_MAX) {
        return -ENAMETOOLONG;
    }
    if (path[0] == '\0') {
        return -ENOENT;
    }
    if (stat(path, &about) == 0) {
        if (!S_ISREG(about.st_mode)) {
            return -EISDIR;
        }
        return realpath(path, resolved) == NULL ? -errno : 0;
    }
    if (errno != ENOENT) {
        return -errno;
    }
    memcpy(resolved, path, strlen(path) + 1);
    return follow_links(resolved);
}

int target_check(const char *path)
{
    char target[PATH_MAX] = "";
    int status = target_resolve(path, target);
    if (status < 0) {
        return status;
    }
    char *temporary = alloc_format("%s.tmp", target);
    int file = open(temporary, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0) {
        status = -errno;
    } else {
        close(file);
        unlink(temporary);
    }
    free(temporary);
    return status;
}

const char *target_problem(int status)
{
    return status == -EISDIR ? "is not a regular file" : strerror(-status);
}
