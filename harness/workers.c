/* workers.c - see workers.h. */
#include "workers.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "go_build.h"
#include "near.h"

#define PATH_BYTES 4096

static const char *const all_backends[] = {"green", "pthread"};

enum { BACKENDS = sizeof all_backends / sizeof all_backends[0] };

/* switchyard-BACKEND in the folder of this program. */
static char *path_beside_us(const char *backend)
{
    char self[PATH_BYTES] = "";
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = '\0';
    return alloc_format("%s/switchyard-%s", dirname(self), backend);
}

static int load_one(const struct worker_paths *paths, const char *backend, struct workers *workers,
                    char error[RESULT_ERROR_BYTES])
{
    const char *given = strcmp(backend, "green") == 0 ? paths->green : paths->pthread;
    char *path = given != NULL ? alloc_copy(given) : path_beside_us(backend);
    workers->catalogues =
        alloc_append(workers->catalogues, workers->count, sizeof *workers->catalogues);
    int status = catalogue_load(backend, path, &workers->catalogues[workers->count], error);
    workers->count += status == 0;
    free(path);
    return status;
}

static bool contains(char *const *backends, size_t count, const char *backend)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(backends[i], backend) == 0) {
            return true;
        }
    }
    return false;
}

static int check_names(char *const *backends, size_t count, char error[RESULT_ERROR_BYTES])
{
    for (size_t i = 0; i < count; i++) {
        bool known = false;
        for (size_t k = 0; k < BACKENDS; k++) {
            known = known || strcmp(backends[i], all_backends[k]) == 0;
        }
        if (!known) {
            char hint[NEAR_BYTES];
            struct near near = near_begin(backends[i]);
            for (size_t k = 0; k < BACKENDS; k++) {
                near_offer(&near, all_backends[k]);
            }
            snprintf(error, RESULT_ERROR_BYTES, "unknown back end \"%.100s\": green or pthread%s",
                     backends[i], near_hint(&near, "", hint));
            return -EINVAL;
        }
    }
    return 0;
}

int workers_load(const struct worker_paths *paths, char *const *backends, size_t backends_count,
                 struct workers *workers, char error[RESULT_ERROR_BYTES])
{
    *workers = (struct workers){.catalogues = NULL};
    int status = check_names(backends, backends_count, error);
    for (size_t i = 0; i < BACKENDS && status == 0; i++) {
        if (backends_count == 0 || contains(backends, backends_count, all_backends[i])) {
            status = load_one(paths, all_backends[i], workers, error);
        }
    }
    if (status < 0) {
        workers_destroy(workers);
    }
    return status;
}

int workers_add_go(struct workers *workers, char error[RESULT_ERROR_BYTES])
{
    char *path = path_beside_us("go");
    int status = go_build(path, error);
    if (status == 0) {
        workers->catalogues =
            alloc_append(workers->catalogues, workers->count, sizeof *workers->catalogues);
        status = catalogue_load("go", path, &workers->catalogues[workers->count], error);
    }
    if (status == 0) {
        workers->catalogues[workers->count++].partial = true;
    }
    free(path);
    return status;
}

void workers_destroy(struct workers *workers)
{
    for (size_t i = 0; i < workers->count; i++) {
        catalogue_destroy(&workers->catalogues[i]);
    }
    free(workers->catalogues);
    *workers = (struct workers){.catalogues = NULL};
}
