/* replace.c - see replace.h. */
#include "replace.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "alloc.h"
#include "target.h"

enum { PIECES_AT_ONCE = 64 };

int replace_write_all(int file, const char *text, size_t bytes)
{
    while (bytes > 0) {
        ssize_t written = write(file, text, bytes);
        if (written < 0 && errno != EINTR) {
            return -errno;
        }
        if (written > 0) {
            text += written;
            bytes -= (size_t)written;
        }
    }
    return 0;
}

/* Writes some pieces with one call; what is left after a short write, one by one. */
static int write_some(int file, const struct piece *pieces, size_t count)
{
    struct iovec parts[PIECES_AT_ONCE];
    int status = 0;
    for (size_t i = 0; i < count; i++) {
        char *text; /* iovec has no const */
        __builtin_memcpy(&text, &pieces[i].text, sizeof text);
        parts[i] = (struct iovec){text, pieces[i].bytes};
    }
    ssize_t written = writev(file, parts, (int)count);
    if (written < 0 && errno != EINTR) {
        return -errno;
    }
    size_t done = written > 0 ? (size_t)written : 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        size_t skip = done < pieces[i].bytes ? done : pieces[i].bytes;
        status = replace_write_all(file, pieces[i].text + skip, pieces[i].bytes - skip);
        done -= skip;
    }
    return status;
}

static bool orders_data_before_names(int file)
{
    struct statfs about;
    return fstatfs(file, &about) == 0 &&
           (about.f_type == EXT4_SUPER_MAGIC || about.f_type == BTRFS_SUPER_MAGIC ||
            about.f_type == TMPFS_MAGIC);
}

/* Writes, syncs and closes. */
static int fill_file(int file, const struct piece *pieces, size_t count, bool sync)
{
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i += PIECES_AT_ONCE) {
        size_t some = count - i < PIECES_AT_ONCE ? count - i : PIECES_AT_ONCE;
        status = write_some(file, pieces + i, some);
    }
    if (status == 0 && (sync || !orders_data_before_names(file)) && fsync(file) != 0) {
        status = -errno;
    }
    if (close(file) != 0 && status == 0) {
        status = -errno;
    }
    return status;
}

/* The rename itself must reach the disk too. Some file systems cannot sync folders: no matter. */
static void sync_folder_of(const char *path)
{
    char *copy = alloc_copy(path);
    int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        fsync(folder);
        close(folder);
    }
    free(copy);
}

int replace_file(const char *path, const struct piece *pieces, size_t count, bool sync)
{
    char target[PATH_MAX];
    int resolved = target_resolve(path, target);
    if (resolved < 0) {
        return resolved;
    }
    char *temporary = alloc_format("%s.tmp", target);
    int file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    int status = file < 0 ? -errno : fill_file(file, pieces, count, sync);
    if (status == 0 && rename(temporary, target) != 0) {
        status = -errno;
    }
    if (status < 0 && file >= 0) {
        unlink(temporary);
    }
    if (status == 0 && sync) {
        sync_folder_of(target);
    }
    free(temporary);
    return status;
}
