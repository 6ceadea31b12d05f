/* plot_context.c - what the results say about where they come from. */
#include "plot_context.h"

#include <math.h>
#include <string.h>

#include "plot_text.h"

enum {
    KEY_BYTES = 64,
    VALUE_BYTES = 512,
};

const json_t *context_at(const json_t *context, const char *path)
{
    const json_t *value = context;
    while (value != NULL && *path != '\0') {
        char key[KEY_BYTES];
        size_t length = strcspn(path, ".");
        text_format(key, sizeof key, "%.*s", (int)length, path);
        value = json_object_get(value, key);
        path += length + (path[length] == '.' ? 1 : 0);
    }
    return value;
}

static void scalar_text(const json_t *value, char *out, size_t size)
{
    char raw[VALUE_BYTES] = "";
    if (json_is_string(value)) {
        text_format(raw, sizeof raw, "%s", json_string_value(value));
    } else if (json_is_integer(value)) {
        text_format(raw, sizeof raw, "%lld", (long long)json_integer_value(value));
    } else if (json_is_real(value)) {
        text_format(raw, sizeof raw, "%.6g", json_real_value(value));
    } else if (json_is_boolean(value)) {
        text_format(raw, sizeof raw, "%s", json_is_true(value) ? "yes" : "no");
    }
    text_clean(out, size, raw);
}

bool context_text(const json_t *context, const char *path, char *out, size_t size)
{
    const json_t *value = context_at(context, path);
    out[0] = '\0';
    if (!json_is_array(value)) {
        scalar_text(value, out, size);
        return out[0] != '\0';
    }
    size_t i;
    json_t *item;
    json_array_foreach(value, i, item)
    {
        char text[VALUE_BYTES];
        scalar_text(item, text, sizeof text);
        text_append(out, size, "%s%s", i == 0 ? "" : " ", text);
    }
    return out[0] != '\0';
}

double context_number(const json_t *context, const char *path)
{
    const json_t *value = context_at(context, path);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static void keep_words(char *text, int words)
{
    for (char *s = text; *s != '\0'; s++) {
        if (*s == ' ' && --words == 0) {
            *s = '\0';
            return;
        }
    }
}

void context_provenance(const json_t *context, char *out, size_t size)
{
    static const struct {
        const char *path;
        const char *before;
        const char *after;
    } parts[] = {
        {"cpu.model", "", ""},   {"cpu.count", ", ", " CPUs"},     {"kernel", " · ", ""},
        {"compiler", " · ", ""}, {"revision", " · revision ", ""}, {"time", " · ", ""},
    };
    out[0] = '\0';
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char text[VALUE_BYTES];
        if (context_text(context, parts[i].path, text, sizeof text)) {
            if (strcmp(parts[i].path, "kernel") == 0) {
                keep_words(text, 2);
            }
            text_append(out, size, "%s%s%s", parts[i].before, text, parts[i].after);
        }
    }
}
