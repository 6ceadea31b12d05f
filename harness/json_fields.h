/* json_fields.h - reading JSON objects strictly, with errors that say where.
 *
 * The first error sticks: read all fields, then look at fields_ok once. Every read answers a
 * harmless value after an error, so the reading code stays flat.
 */
#ifndef SWITCHYARD_HARNESS_JSON_FIELDS_H
#define SWITCHYARD_HARNESS_JSON_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#define FIELDS_ERROR_BYTES 256
#define FIELDS_PATH_BYTES 96
#define FIELDS_PLACE_BYTES 160

struct fields {
    char path[FIELDS_PATH_BYTES]; /* where we are: "results[3]"; "" at the top */
    char error[FIELDS_ERROR_BYTES];
    char error_path[FIELDS_PLACE_BYTES]; /* where the error is: "results[3].median" */
};

bool fields_ok(const struct fields *fields);

/* Notes an error at path.name, unless there is one already; name may be NULL. */
void fields_fail(struct fields *fields, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The member "schema" must be this one, "name/version"; a newer version is told from rubbish. */
void fields_schema(struct fields *fields, const json_t *object, const char *schema);

/* Sets the path for what is read next. */
void fields_at(struct fields *fields, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The member, which must be there and of that type; after an error NULL, "" or 0. The strings
 * and values belong to the object. */
json_t *fields_object(struct fields *fields, const json_t *object, const char *name);
json_t *fields_array(struct fields *fields, const json_t *object, const char *name);
const char *fields_string(struct fields *fields, const json_t *object, const char *name);
int64_t fields_integer(struct fields *fields, const json_t *object, const char *name, int64_t min,
                       int64_t max);
bool fields_boolean(struct fields *fields, const json_t *object, const char *name);

/* The same where null stands for nothing: NULL and NAN. */
const char *fields_string_or_null(struct fields *fields, const json_t *object, const char *name);
double fields_number_or_null(struct fields *fields, const json_t *object, const char *name);

/* The member if it is there and not null, else NULL. */
json_t *fields_optional(const json_t *object, const char *name);

#endif
