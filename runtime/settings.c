/* settings.c - see settings.h. */
#include "settings.h"

#include <stdlib.h>
#include <string.h>

#include <switchyard/time.h>

#include "base/fatal.h"

#define PERIOD_MAX_MS 3600000
#define PREEMPT_MIN_US 10
#define PREEMPT_MAX_US 1000000

struct settings settings;

/* True if the word is the key followed by a number of units in range: stores how long that is. */
static bool read_period(const char *word, size_t length, const char *key, long min, long max,
                        sy_time unit, sy_time *period)
{
    size_t key_length = strlen(key);
    long number = 0;
    if (length <= key_length || memcmp(word, key, key_length) != 0) {
        return false;
    }
    for (size_t i = key_length; i < length; i++) {
        if (word[i] < '0' || word[i] > '9' || number > max) {
            return false;
        }
        number = 10 * number + (word[i] - '0');
    }
    *period = number * unit;
    return number >= min && number <= max;
}

static bool read_word(const char *word, size_t length)
{
    static const char leaks[] = "leaks";
    if (length == sizeof leaks - 1 && memcmp(word, leaks, length) == 0) {
        settings.leaks = true;
        return true;
    }
    return length == 0 ||
           read_period(word, length, "schedtrace=", 1, PERIOD_MAX_MS, SY_MILLISECOND,
                       &settings.schedtrace) ||
           read_period(word, length, "preempt=", PREEMPT_MIN_US, PREEMPT_MAX_US, SY_MICROSECOND,
                       &settings.preempt);
}

void settings_read(void)
{
    const char *text = getenv("SWITCHYARD_DEBUG");
    settings = (struct settings){0};
    while (text != NULL && *text != '\0') {
        size_t length = strcspn(text, ",");
        if (!read_word(text, length)) {
            sy_fatal("SWITCHYARD_DEBUG: unknown word \"%.*s\"; there are schedtrace=MS (1 ... %d), "
                     "leaks, preempt=US (%d ... %d)",
                     (int)length, text, PERIOD_MAX_MS, PREEMPT_MIN_US, PREEMPT_MAX_US);
        }
        text += length;
        text += *text == ',';
    }
}
