/* gate_series.c - the values of one metric; see gate_time.h. */
#include <stdlib.h>

#include "alloc.h"
#include "gate_time.h"

void gate_series_add(struct gate_series *series, const double times[ARMS],
                     const double references[ARMS])
{
    if (series->turns == series->room) {
        series->room = series->room * 2 + PAIRED_LEAST;
        for (int arm = 0; arm < ARMS; arm++) {
            series->times[arm] = alloc_resize(series->times[arm], series->room * sizeof(double));
            series->references[arm] =
                alloc_resize(series->references[arm], series->room * sizeof(double));
        }
    }
    for (int arm = 0; arm < ARMS; arm++) {
        series->times[arm][series->turns] = times[arm];
        series->references[arm][series->turns] = references[arm];
    }
    series->turns++;
}

void gate_series_destroy(struct gate_series *series)
{
    for (int arm = 0; arm < ARMS; arm++) {
        free(series->times[arm]);
        free(series->references[arm]);
    }
    *series = (struct gate_series){.turns = 0};
}

void gate_time_destroy(struct gate_time *gate)
{
    for (size_t i = 0; i < gate->metrics_count; i++) {
        gate_series_destroy(&gate->metrics[i].series);
        gate_series_destroy(&gate->metrics[i].fresh);
    }
    free(gate->metrics);
    gate->metrics = NULL;
    gate->metrics_count = 0;
}
