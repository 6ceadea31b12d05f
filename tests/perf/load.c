/* load.c - how long does a results file of 10^7 samples take to write and to read?
 *
 *     perf_load [SAMPLES [FILE]]
 *
 * Method: rows of 20 trials of 10,000 samples each, with 12 significant digits, as a run writes
 * them. The file is read five times, the fastest counts; the page cache is warm.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "result.h"
#include "rng.h"

enum { TRIALS = 20, SAMPLES_A_TRIAL = 10000, LOADS = 5 };

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void fill_trial(struct result_trial *trial, int number, struct rng *rng)
{
    trial->number = number;
    trial->median = 40;
    trial->samples = alloc_array(SAMPLES_A_TRIAL, sizeof *trial->samples);
    trial->samples_count = SAMPLES_A_TRIAL;
    for (size_t i = 0; i < SAMPLES_A_TRIAL; i++) {
        trial->samples[i] = (double)rng_below(rng, UINT32_MAX) / 1e7;
    }
}

static void fill_row(struct result_row *row, struct rng *rng)
{
    *row = (struct result_row){.workload = alloc_copy("switch.yield"),
                               .backend = alloc_copy("green"),
                               .procs = 1,
                               .metric = alloc_copy("switch"),
                               .unit = alloc_copy("ns"),
                               .trials = alloc_array(TRIALS, sizeof *row->trials),
                               .trials_count = TRIALS};
    for (int i = 0; i < TRIALS; i++) {
        fill_trial(&row->trials[i], i, rng);
    }
}

static struct results *make_results(size_t samples)
{
    struct rng rng = {1};
    struct results *results = alloc_array(1, sizeof *results);
    results->context = json_object();
    results->complete = true;
    results->rows_count = samples / (TRIALS * SAMPLES_A_TRIAL);
    results->rows = alloc_array(results->rows_count, sizeof *results->rows);
    for (size_t i = 0; i < results->rows_count; i++) {
        fill_row(&results->rows[i], &rng);
    }
    return results;
}

/* Loads it; the sum makes sure that every sample was really read. */
static double load_s(const char *path, double *sum)
{
    struct results *results = NULL;
    char error[RESULT_ERROR_BYTES];
    double start = now_s();
    if (results_load(path, &results, error) < 0) {
        fprintf(stderr, "%s\n", error);
        exit(EXIT_FAILURE);
    }
    double end = now_s();
    *sum = 0;
    for (size_t i = 0; i < results->rows_count; i++) {
        for (size_t k = 0; k < results->rows[i].trials_count; k++) {
            const struct result_trial *trial = &results->rows[i].trials[k];
            for (size_t n = 0; n < trial->samples_count; n++) {
                *sum += trial->samples[n];
            }
        }
    }
    results_free(results);
    return end - start;
}

int main(int argc, char **argv)
{
    size_t samples = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000000;
    const char *path = argc > 2 ? argv[2] : "perf_load.json";
    struct stat about;
    double sum = 0;
    double best = 1e9;
    struct results *results = make_results(samples);
    double start = now_s();
    int status = results_save(results, path);
    double saved = now_s() - start;
    results_free(results);
    if (status < 0 || stat(path, &about) != 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(-status));
        return EXIT_FAILURE;
    }
    for (int i = 0; i < LOADS; i++) {
        double seconds = load_s(path, &sum);
        best = seconds < best ? seconds : best;
    }
    printf("%zu samples, %.1f MB: written in %.2f s, read in %.2f s, sum %.6f\n", samples,
           (double)about.st_size / 1e6, saved, best, sum);
    if (argc <= 2) {
        unlink(path);
    }
    return EXIT_SUCCESS;
}
