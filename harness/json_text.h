/* json_text.h - JSON files of ours: read whole, refused politely, with line and column.
 *
 *     struct json_text text;
 *     json_t *root = NULL;
 *     int status = json_text_load(path, &text, error);
 *     if (status == 0) { status = json_text_parse(&text, path, &root, error); }
 *     if (status == 0) { read root with json_fields.h; for an error in it json_text_refuse }
 *     json_decref(root); json_text_destroy(&text);
 */
#ifndef SWITCHYARD_HARNESS_JSON_TEXT_H
#define SWITCHYARD_HARNESS_JSON_TEXT_H

#include <stddef.h>

#include <jansson.h>

#include "json_fields.h"

#define JSON_TEXT_ERROR_BYTES 512 /* as RESULT_ERROR_BYTES */

/* A file beyond this is none of ours, and would only fill the memory. */
#define JSON_TEXT_BYTES_MAX ((size_t)1 << 30)

struct json_text {
    char *bytes; /* with a zero behind them */
    size_t count;
};

/* Reads a regular file; anything else (a FIFO would block for ever) is refused, and so is one that
 * is too large. -errno and one line in error. */
int json_text_load(const char *path, struct json_text *text, char error[JSON_TEXT_ERROR_BYTES]);

/* Parses it strictly: no key twice, only UTF-8. -EINVAL and "SOURCE: line L column C: what". */
int json_text_parse(const struct json_text *text, const char *source, json_t **root,
                    char error[JSON_TEXT_ERROR_BYTES]);

/* "SOURCE: line L column C: what", for an error that the reading of the parsed text found: where
 * fields->error_path leads. */
void json_text_refuse(const struct json_text *text, const char *source, const struct fields *fields,
                      char error[JSON_TEXT_ERROR_BYTES]);

/* The same for an error of jansson, of which the position in the text is known. */
void json_text_refuse_at(const struct json_text *text, const char *source, size_t position,
                         const char *what, char error[JSON_TEXT_ERROR_BYTES]);

void json_text_destroy(struct json_text *text);

#endif
