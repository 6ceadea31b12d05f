/* quota.c - see quota.h. A group's time is limited by its own quota and by those of all groups that
 * it is in, so the smallest counts. */
#include "quota.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "textfile.h"

#define LINE_BYTES 128

/* "150000 100000" is a quota of 1.5 CPUs; "max 100000" and an absent file are none. */
static double quota_in_file(const char *path)
{
    char line[LINE_BYTES];
    double quota = 0;
    double period = 0;
    if (!textfile_line(path, line, sizeof line) || sscanf(line, "%lf %lf", &quota, &period) != 2 ||
        !(quota > 0) || !(period > 0)) {
        return NAN;
    }
    return quota / period;
}

double quota_cpus(const char *root, const char *group)
{
    double least = NAN;
    char *above = alloc_copy(group);
    char *slash;
    do {
        char *path = alloc_format("%s%s/cpu.max", root, above);
        least = fmin(least, quota_in_file(path)); /* a NAN gives way to a number */
        free(path);
        slash = strrchr(above, '/');
        if (slash != NULL) {
            *slash = '\0';
        }
    } while (slash != NULL);
    free(above);
    return least;
}

size_t quota_usable(size_t affinity, double quota)
{
    return quota < (double)affinity ? (size_t)ceil(quota) : affinity;
}
