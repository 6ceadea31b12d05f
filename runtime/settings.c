/* settings.c - see settings.h. */
#include "settings.h"

#include <stdlib.h>
#include <string.h>

#include <switchyard/time.h>

#include "base/fatal.h"

#define PERIOD_MAX_MS 3600000

struct settings settings;

/* True if the word is the key followed by a number in range. */
static bool read_period(const char *word, size_t length)
{
    static const char key[] = "schedtrace=";
    size_t key_length = sizeof key - 1;
    long number = 0;
    if (length <= key_length || memcmp(word, key, key_length) != 0) {
        return false;
    }
    for (size_t i = key_length; i < length; i++) {
        if (word[i] < '0' || word[i] > '9' || number > PERIOD_MAX_MS) {
            return false;
        }
        number = 10 * number + (word[i] - '0');
    }
    settings.schedtrace = number * SY_MILLISECOND;
    return number >= 1 && number <= PERIOD_MAX_MS;
}

static bool read_word(const char *word, size_t length)
{
    static const char leaks[] = "leaks";
    if (length == sizeof leaks - 1 && memcmp(word, leaks, length) == 0) {
        settings.leaks = true;
        return true;
    }
    return length == 0 || read_period(word, length);
}

void settings_read(void)
{
    const char *text = getenv("SWITCHYARD_DEBUG");
    settings = (struct settings){0};
    while (text != NULL && *text != '\0') {
        size_t length = strcspn(text, ",");
        if (!read_word(text, length)) {
            sy_fatal("SWITCHYARD_DEBUG: unknown word \"%.*s\"; there are schedtrace=MS (1 ... %d), "
                     "leaks",
                     (int)length, text, PERIOD_MAX_MS);
        }
        text += length;
        text += *text == ',';
    }
}
