/* json_text.c - see json_text.h. */
#include "json_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "complaint.h"
#include "json_locate.h"

static int check_file(int file, size_t *bytes)
{
    struct stat about;
    if (fstat(file, &about) != 0) {
        return -errno;
    }
    if (S_ISDIR(about.st_mode)) {
        return -EISDIR;
    }
    if (!S_ISREG(about.st_mode)) {
        return -EINVAL;
    }
    *bytes = (size_t)about.st_size;
    return *bytes > JSON_TEXT_BYTES_MAX ? -EFBIG : 0;
}

/* All of a file of that size; whatever it may be by now. */
static int read_all(int file, size_t bytes, struct json_text *text)
{
    *text = (struct json_text){.bytes = alloc_resize(NULL, bytes + 1)};
    while (text->count < bytes) {
        ssize_t got = read(file, text->bytes + text->count, bytes - text->count);
        if (got < 0 && errno != EINTR) {
            int status = -errno;
            json_text_destroy(text);
            return status;
        }
        if (got == 0) {
            break;
        }
        text->count += got > 0 ? (size_t)got : 0;
    }
    text->bytes[text->count] = '\0';
    return 0;
}

int json_text_load(const char *path, struct json_text *text, char error[JSON_TEXT_ERROR_BYTES])
{
    size_t bytes = 0;
    *text = (struct json_text){.bytes = NULL};
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO would wait for a writer */
    int status = file < 0 ? -errno : check_file(file, &bytes);
    if (status == 0) {
        status = read_all(file, bytes, text);
    }
    if (file >= 0) {
        close(file);
    }
    if (status < 0) {
        snprintf(error, JSON_TEXT_ERROR_BYTES, "%.200s: %s", path,
                 status == -EINVAL ? "is not a regular file" : strerror(-status));
    }
    return status;
}

void json_text_refuse_at(const struct json_text *text, const char *source, size_t position,
                         const char *what, char error[JSON_TEXT_ERROR_BYTES])
{
    size_t line = 0;
    size_t column = 0;
    json_line_and_column(text->bytes, position < text->count ? position : text->count, &line,
                         &column);
    snprintf(error, JSON_TEXT_ERROR_BYTES, "%.200s: line %zu column %zu: %.200s", source, line,
             column, what);
    complaint_make_printable(error);
}

int json_text_parse(const struct json_text *text, const char *source, json_t **root,
                    char error[JSON_TEXT_ERROR_BYTES])
{
    json_error_t problem;
    *root = json_loadb(text->bytes, text->count, JSON_REJECT_DUPLICATES, &problem);
    if (*root != NULL) {
        return 0;
    }
    json_text_refuse_at(text, source, problem.position > 0 ? (size_t)problem.position - 1 : 0,
                        problem.text, error);
    return -EINVAL;
}

void json_text_refuse(const struct json_text *text, const char *source, const struct fields *fields,
                      char error[JSON_TEXT_ERROR_BYTES])
{
    json_text_refuse_at(text, source, json_locate(text->bytes, text->count, fields->error_path),
                        fields->error, error);
}

void json_text_destroy(struct json_text *text)
{
    free(text->bytes);
    *text = (struct json_text){.bytes = NULL};
}
