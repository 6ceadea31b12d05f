/* plot_file.c - whole files in, whole files out. */
#include "plot_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "plot_text.h"
#include "target.h"

static int read_stream(FILE *file, char **data, size_t *size)
{
    char block[16384];
    size_t got;
    FILE *memory = open_memstream(data, size);
    if (memory == NULL) {
        return -ENOMEM;
    }
    while ((got = fread(block, 1, sizeof block, file)) > 0) {
        fwrite(block, 1, got, memory);
    }
    int error = ferror(file) ? -EIO : 0;
    if (fclose(memory) != 0 && error == 0) {
        error = -ENOMEM;
    }
    if (error != 0) {
        free(*data);
        *data = NULL;
    }
    return error;
}

int file_read(const char *path, char **data, size_t *size)
{
    *data = NULL;
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return -errno;
    }
    int error = read_stream(file, data, size);
    fclose(file);
    return error;
}

int file_write(const char *path, const char *data, size_t size)
{
    char target[PATH_MAX];
    char temporary[PATH_MAX];
    int error = target_resolve(path, target);
    if (error < 0) {
        return error;
    }
    text_format(temporary, sizeof temporary, "%s.%d.tmp", target, (int)getpid());
    FILE *file = fopen(temporary, "we");
    if (file == NULL) {
        return -errno;
    }
    error = fwrite(data, 1, size, file) == size ? 0 : -errno;
    if (fclose(file) != 0 && error == 0) {
        error = -errno;
    }
    if (error == 0 && rename(temporary, target) < 0) {
        error = -errno;
    }
    if (error != 0) {
        unlink(temporary);
    }
    return error;
}
