/* json_fields.c - see json_fields.h. */
#include "json_fields.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool fields_ok(const struct fields *fields)
{
    return fields->error[0] == '\0';
}

void fields_fail(struct fields *fields, const char *name, const char *format, ...)
{
    if (!fields_ok(fields)) {
        return;
    }
    const char *dot = fields->path[0] != '\0' && name != NULL ? "." : "";
    const char *colon =
        fields->path[0] != '\0' || name != NULL ? ": " : ""; /* the root has no name */
    int used = snprintf(fields->error, sizeof fields->error, "%s%s%s%s", fields->path, dot,
                        name != NULL ? name : "", colon);
    snprintf(fields->error_path, sizeof fields->error_path, "%s%s%s", fields->path, dot,
             name != NULL ? name : "");
    if (used < 0 || (size_t)used >= sizeof fields->error) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(fields->error + used, sizeof fields->error - (size_t)used, format, arguments);
    va_end(arguments);
}

void fields_at(struct fields *fields, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(fields->path, sizeof fields->path, format, arguments);
    va_end(arguments);
}

static json_t *member(struct fields *fields, const json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);
    if (value == NULL) {
        fields_fail(fields, name, "is missing");
    }
    return value;
}

/* Is it another version, a later one, of the same schema? */
static bool is_newer(const char *schema, const char *actual)
{
    const char *slash = strrchr(schema, '/');
    if (slash == NULL) {
        return false;
    }
    size_t length = (size_t)(slash + 1 - schema);
    return strncmp(schema, actual, length) == 0 &&
           strtol(actual + length, NULL, 10) > strtol(schema + length, NULL, 10);
}

void fields_schema(struct fields *fields, const json_t *object, const char *schema)
{
    const char *actual = fields_string(fields, object, "schema");
    if (strcmp(actual, schema) != 0) {
        fields_fail(fields, "schema",
                    "is not \"%s\", the version that this program reads, but \"%.40s\"%s", schema,
                    actual, is_newer(schema, actual) ? ": a newer switchyard wrote it" : "");
    }
}

json_t *fields_object(struct fields *fields, const json_t *object, const char *name)
{
    json_t *value = member(fields, object, name);
    if (json_is_object(value)) {
        return value;
    }
    fields_fail(fields, name, "must be an object");
    return NULL;
}

json_t *fields_array(struct fields *fields, const json_t *object, const char *name)
{
    json_t *value = member(fields, object, name);
    if (json_is_array(value)) {
        return value;
    }
    fields_fail(fields, name, "must be an array");
    return NULL;
}

const char *fields_string(struct fields *fields, const json_t *object, const char *name)
{
    json_t *value = member(fields, object, name);
    if (json_is_string(value)) {
        return json_string_value(value);
    }
    fields_fail(fields, name, "must be a string");
    return "";
}

const char *fields_string_or_null(struct fields *fields, const json_t *object, const char *name)
{
    return json_is_null(member(fields, object, name)) ? NULL : fields_string(fields, object, name);
}

int64_t fields_integer(struct fields *fields, const json_t *object, const char *name, int64_t min,
                       int64_t max)
{
    json_t *value = member(fields, object, name);
    if (!json_is_integer(value)) {
        fields_fail(fields, name, "must be an integer");
        return 0;
    }
    int64_t number = json_integer_value(value);
    if (number < min || number > max) {
        fields_fail(fields, name, "%lld is not in %lld ... %lld", (long long)number, (long long)min,
                    (long long)max);
        return 0;
    }
    return number;
}

bool fields_boolean(struct fields *fields, const json_t *object, const char *name)
{
    json_t *value = member(fields, object, name);
    if (!json_is_boolean(value)) {
        fields_fail(fields, name, "must be true or false");
    }
    return json_is_true(value);
}

double fields_number_or_null(struct fields *fields, const json_t *object, const char *name)
{
    json_t *value = member(fields, object, name);
    if (json_is_null(value)) {
        return NAN;
    }
    if (!json_is_number(value)) {
        fields_fail(fields, name, "must be a number or null");
        return NAN;
    }
    return json_number_value(value);
}

json_t *fields_optional(const json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);
    return json_is_null(value) ? NULL : value;
}
