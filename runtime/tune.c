/* tune.c - see tune.h. */
#include "tune.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "offsets.h"

_Static_assert(TUNE_NOFPSAVE == TUNE_NOFPSAVE_BIT, "switch.S");
_Static_assert(TUNE_NOFPSAVE == 1 << TUNE_NOFPSAVE_LOG2, "switch.S");

uint32_t tune_off;

static const struct {
    const char *word;
    enum tune bit;
} techniques[] = {
    {"norunnext", TUNE_NORUNNEXT},
    {"nosteal", TUNE_NOSTEAL},
    {"nospin", TUNE_NOSPIN},
    {"nonearest", TUNE_NONEAREST},
    {"nohandoff", TUNE_NOHANDOFF},
    {"nobias", TUNE_NOBIAS},
    {"nofpsave", TUNE_NOFPSAVE},
    {"nostackcache", TUNE_NOSTACKCACHE},
    {"nopreemptcall", TUNE_NOPREEMPTCALL},
    {"nopreemptprologue", TUNE_NOPREEMPTPROLOGUE},
    {"nopreemptsignal", TUNE_NOPREEMPTSIGNAL},
    {"nogiveback", TUNE_NOGIVEBACK},
    {"nopatience", TUNE_NOPATIENCE},
};

/* 0 if there is no such word. */
static uint32_t bit_of(const char *word, size_t length)
{
    for (size_t i = 0; i < sizeof techniques / sizeof techniques[0]; i++) {
        if (strlen(techniques[i].word) == length && memcmp(techniques[i].word, word, length) == 0) {
            return (uint32_t)techniques[i].bit;
        }
    }
    return 0;
}

void tune_read(void)
{
    const char *text = getenv("SWITCHYARD_TUNE");
    tune_off = 0;
    while (text != NULL && *text != '\0') {
        size_t length = strcspn(text, ",");
        uint32_t bit = bit_of(text, length);
        if (bit == 0 && length > 0) {
            sy_fatal(
                "SWITCHYARD_TUNE: unknown word \"%.*s\"; there are norunnext, nosteal, nospin, "
                "nonearest, nohandoff, nobias, nostackcache, nofpsave, nopreemptcall, "
                "nopreemptprologue, nopreemptsignal, nogiveback, nopatience",
                (int)length, text);
        }
        tune_off |= bit;
        text += length;
        text += *text == ',';
    }
}
