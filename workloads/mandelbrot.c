/* mandelbrot - draws the Mandelbrot set, a task for each row of the picture.
 *
 * Rows through the middle of the set take a hundred times as long as those at the edges, so tasks
 * of equal numbers are not tasks of equal length.
 *
 * Metric: `total`, ms = time from the first spawn to the last join, an epoch.
 * Work:   tasks = rows; checksum over the picture.
 * Proof:  the set is symmetric to the real axis, and so must the picture be: the two rows are of
 *         different tasks, and compute the same but for signs. The picture's share of points that
 *         stay gives the area of the set, which is 1.5066 (known numerically to 1e-4).
 *
 * With picture=1 the last epoch's picture is written to mandelbrot.pgm in the current folder.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "trial.h"

#define PICTURE_FILE "mandelbrot.pgm"
/* The picture shows -2.0 … 0.5 and -1.25i … 1.25i. */
#define LEFT (-2.0)
#define SIDE 2.5
#define AREA 1.5066
#define ITERATIONS_SHOWN 255 /* more than that are as black as the set */

struct picture {
    uint32_t size; /* pixels of a side */
    uint32_t iterations;
    uint8_t *pixels;  /* 0: stays in the set */
    uint32_t *inside; /* points that stay, by row */
    sy_task *tasks;
};

struct picture_row {
    struct picture *picture;
    uint32_t row;
};

/* Iterations until the point leaves the circle of radius 2; 0 if it stays. */
static uint32_t iterations_until_out(double x, double y, uint32_t limit)
{
    double re = 0;
    double im = 0;
    for (uint32_t i = 1; i <= limit; i++) {
        double re2 = re * re;
        double im2 = im * im;
        if (re2 + im2 > 4) {
            return i;
        }
        im = 2 * re * im + y;
        re = re2 - im2 + x;
    }
    return 0;
}

static void *draw_row(void *arg)
{
    const struct picture_row *self = arg;
    struct picture *picture = self->picture;
    uint8_t *pixels = picture->pixels + (size_t)self->row * picture->size;
    double half = (double)picture->size / 2;
    double y = ((double)self->row + 0.5 - half) / half * (SIDE / 2); /* exactly odd in the row */
    uint32_t inside = 0;
    for (uint32_t column = 0; column < picture->size; column++) {
        double x = LEFT + SIDE * ((double)column + 0.5) / (double)picture->size;
        uint32_t out = iterations_until_out(x, y, picture->iterations);
        pixels[column] = (uint8_t)(out < ITERATIONS_SHOWN ? out : ITERATIONS_SHOWN);
        inside += out == 0;
    }
    picture->inside[self->row] = inside;
    return NULL;
}

static int draw(struct trial *trial, struct picture *picture, struct picture_row *rows)
{
    uint32_t made = 0;
    int status = 0;
    for (; made < picture->size; made++) {
        rows[made] = (struct picture_row){picture, made};
        status = sy_spawn(&picture->tasks[made], draw_row, &rows[made]);
        if (status < 0) {
            status = trial_refused(trial, made, status);
            break;
        }
    }
    for (uint32_t i = 0; i < made; i++) {
        sy_join(picture->tasks[i], NULL);
    }
    return status;
}

/* A point at the edge is in or out by chance of its place, so small pictures are coarse. */
static int verify_area(struct trial *trial, const struct picture *picture)
{
    uint64_t inside = 0;
    double points = (double)picture->size * (double)picture->size;
    for (uint32_t row = 0; row < picture->size; row++) {
        inside += picture->inside[row];
    }
    double area = (double)inside / points * SIDE * SIDE;
    double tolerance = 0.05 + 4 / (double)picture->size + 4 / (double)picture->iterations;
    if (fabs(area - AREA) > tolerance) {
        return trial_fail(trial, -EPROTO, "the set has an area of %.3f", area);
    }
    return 0;
}

static int verify(struct trial *trial, const struct picture *picture, uint64_t *checksum)
{
    size_t size = picture->size;
    for (size_t row = 0; row < size; row++) {
        const uint8_t *pixels = picture->pixels + row * size;
        const uint8_t *mirrored = picture->pixels + (size - 1 - row) * size;
        for (size_t column = 0; column < size; column++) {
            if (pixels[column] != mirrored[column]) {
                return trial_fail(trial, -EPROTO, "row %zu is not the mirror image of row %zu", row,
                                  size - 1 - row);
            }
            *checksum = *checksum * 31 + pixels[column];
        }
    }
    return verify_area(trial, picture);
}

/* On its own, so that no task switches between the call and errno. */
static __attribute__((noinline)) int open_picture(FILE **file)
{
    *file = fopen(PICTURE_FILE, "w");
    return *file == NULL ? -errno : 0;
}

/* Portable graymap, so that any viewer shows it. */
static int write_picture(struct trial *trial, const struct picture *picture)
{
    size_t bytes = (size_t)picture->size * picture->size;
    FILE *file = NULL;
    int status = open_picture(&file);
    if (status < 0) {
        return trial_fail(trial, status, "%s cannot be written", PICTURE_FILE);
    }
    fprintf(file, "P5\n%u %u\n%d\n", picture->size, picture->size, ITERATIONS_SHOWN);
    bool whole = fwrite(picture->pixels, 1, bytes, file) == bytes;
    whole = fclose(file) == 0 && whole;
    if (!whole) {
        return trial_fail(trial, -EIO, "%s cannot be written", PICTURE_FILE);
    }
    trial_note(trial, "the picture is in %s", PICTURE_FILE);
    return 0;
}

static int run_epoch(struct trial *trial, void *state)
{
    struct picture *picture = state;
    uint64_t checksum = 0;
    struct picture_row *rows = calloc(picture->size, sizeof *rows);
    if (rows == NULL) {
        return trial_fail(trial, -ENOMEM, "no memory for %u rows", picture->size);
    }
    sy_time begin = sy_now();
    int status = draw(trial, picture, rows);
    sy_time elapsed = sy_now() - begin;
    free(rows);
    status = status < 0 ? status : verify(trial, picture, &checksum);
    if (status < 0) {
        return status;
    }
    trial_sample(trial, "total", "ms", (double)elapsed / (double)SY_MILLISECOND);
    trial_work(trial, &(struct workload_work){.tasks = picture->size, .checksum = checksum});
    return 0;
}

static int run(struct trial *trial)
{
    struct picture picture = {.size = (uint32_t)trial_param(trial, "size"),
                              .iterations = (uint32_t)trial_param(trial, "iterations")};
    int status = -ENOMEM;
    picture.pixels = calloc(picture.size, picture.size);
    picture.inside = calloc(picture.size, sizeof *picture.inside);
    picture.tasks = calloc(picture.size, sizeof *picture.tasks);
    if (picture.pixels != NULL && picture.inside != NULL && picture.tasks != NULL) {
        status = trial_each_epoch(trial, run_epoch, &picture);
    } else {
        trial_fail(trial, status, "no memory for a picture of %u rows", picture.size);
    }
    if (status == 0 && trial_param(trial, "picture") != 0) {
        status = write_picture(trial, &picture);
    }
    free(picture.tasks);
    free(picture.inside);
    free(picture.pixels);
    return status;
}

static const struct workload_param params[] = {
    {"size", 512, 8, 16384, "pixels", "of each side of the picture, and tasks"},
    {"iterations", 500, 50, 1000000, "iterations", "after which a point is taken to stay"},
    {"picture", 0, 0, 1, "1", "1: write the picture to " PICTURE_FILE},
    {0}};

const struct workload mandelbrot = {
    .name = "mandelbrot",
    .summary = "Draws the Mandelbrot set, a task for each row of the picture",
    .params = params,
    .run = run,
};
