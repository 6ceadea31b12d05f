/* fingerprint.c - see fingerprint.h. FNV-1a, 64 bits (Fowler, Noll and Vo). */
#include "fingerprint.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define PRIME UINT64_C(0x100000001b3)
#define BLOCK_BYTES 65536

uint64_t fingerprint_add(uint64_t mark, const void *bytes, size_t count)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < count; i++) {
        mark = (mark ^ at[i]) * PRIME;
    }
    return mark;
}

int fingerprint_file(const char *path, uint64_t *mark)
{
    static char block[BLOCK_BYTES];
    size_t count;
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return -errno;
    }
    *mark = FINGERPRINT_EMPTY;
    while ((count = fread(block, 1, sizeof block, file)) > 0) {
        *mark = fingerprint_add(*mark, block, count);
    }
    int status = ferror(file) != 0 ? -EIO : 0;
    fclose(file);
    return status;
}

void fingerprint_text(uint64_t mark, char text[FINGERPRINT_BYTES])
{
    snprintf(text, FINGERPRINT_BYTES, "%016" PRIx64, mark);
}
