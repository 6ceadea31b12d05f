/* gate_json.c - the gate's findings for programs and for `switchyard history add`. */
#include <math.h>

#include "commands.h"
#include "gate.h"

static json_t *number_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *text_or_null(const char *text)
{
    return text != NULL && text[0] != '\0' ? json_string(text) : json_null();
}

static json_t *counts_json(const struct exact_counts *counts)
{
    json_t *object = json_object();
    for (int kind = 0; kind < EXACT_KINDS; kind++) {
        json_object_set_new(object, exact_name((enum exact_kind)kind),
                            number_or_null(counts->of[kind]));
    }
    return object;
}

static json_t *exact_json(const struct exact_layer *layer)
{
    json_t *array = json_array();
    for (size_t i = 0; i < layer->rows_count; i++) {
        const struct exact_row *row = &layer->rows[i];
        json_t *verdicts = json_object();
        for (int kind = 0; kind < EXACT_KINDS; kind++) {
            json_object_set_new(verdicts, exact_name((enum exact_kind)kind),
                                json_string(verdict_name(row->verdicts[kind])));
        }
        json_array_append_new(array,
                              json_pack("{s:s, s:o, s:o, s:o}", "workload", row->cell->workload,
                                        "base", counts_json(&row->base), "head",
                                        counts_json(&row->head), "verdicts", verdicts));
    }
    return array;
}

static json_t *paired_json(const struct paired *paired)
{
    json_t *object = json_object();
    json_t *interval = json_array();
    json_array_append_new(interval, number_or_null(paired->ratio.low));
    json_array_append_new(interval, number_or_null(paired->ratio.high));
    json_object_set_new(object, "ratio", number_or_null(paired->ratio.value));
    json_object_set_new(object, "ci95", interval);
    json_object_set_new(object, "sign_p", number_or_null(paired->sign_p));
    json_object_set_new(object, "pairs", json_integer((json_int_t)paired->pairs));
    return object;
}

static json_t *values_json(double *const values[ARMS], size_t count)
{
    static const char *const names[ARMS] = {"base", "control", "head"};
    json_t *object = json_object();
    for (int arm = 0; arm < ARMS; arm++) {
        json_t *array = json_array();
        for (size_t i = 0; i < count; i++) {
            json_array_append_new(array, json_real(values[arm][i]));
        }
        json_object_set_new(object, names[arm], array);
    }
    return object;
}

static json_t *causes_json(const struct gate_series *series)
{
    json_t *object = json_object();
    for (int cause = 0; cause < DISTURBANCES; cause++) {
        json_object_set_new(object, disturbance_name((enum disturbance_cause)cause),
                            json_integer((json_int_t)series->causes[cause]));
    }
    return object;
}

/* One stage of a metric; null if it was not needed. */
static json_t *stage_json(const struct gate_series *series, const struct gate_estimate *about)
{
    if (series->turns == 0) {
        return json_null();
    }
    json_t *object = json_object();
    json_object_set_new(object, "head", paired_json(&about->head));
    json_object_set_new(object, "control", paired_json(&about->control));
    json_object_set_new(object, "reference", paired_json(&about->reference));
    json_object_set_new(object, "verdict", json_string(verdict_name(about->verdict)));
    json_object_set_new(object, "reason", text_or_null(about->reason));
    json_object_set_new(object, "rejected", json_integer((json_int_t)series->rejected));
    json_object_set_new(object, "causes", causes_json(series));
    json_object_set_new(object, "times_ns", values_json(series->times, series->turns));
    json_object_set_new(object, "reference_ns", values_json(series->references, series->turns));
    return object;
}

static json_t *metric_json(const struct gate_metric *metric)
{
    json_t *object = json_object();
    json_object_set_new(object, "workload", json_string(metric->cell->workload));
    json_object_set_new(object, "metric", json_string(metric->cell->metric));
    json_object_set_new(object, "count", json_integer(metric->count));
    json_object_set_new(object, "delta", json_real(metric->delta));
    json_object_set_new(object, "first", stage_json(&metric->series, &metric->first));
    json_object_set_new(object, "confirmation", stage_json(&metric->fresh, &metric->confirmation));
    json_object_set_new(object, "verdict", json_string(verdict_name(metric->verdict)));
    json_object_set_new(object, "reason", text_or_null(metric->reason));
    return object;
}

json_t *gate_json(const struct gate *gate)
{
    json_t *root = json_object();
    json_t *metrics = json_array();
    for (size_t i = 0; i < gate->time.metrics_count; i++) {
        json_array_append_new(metrics, metric_json(&gate->time.metrics[i]));
    }
    json_object_set_new(root, "schema", json_string("switchyard-gate/1"));
    json_object_set_new(root, "context", json_incref(gate->context));
    json_object_set_new(
        root, "base",
        text_or_null(gate->options.base != NULL ? gate->options.base : gate->options.baseline));
    json_object_set_new(root, "head", text_or_null(gate->options.head));
    json_object_set_new(root, "inject", json_real(gate->options.inject));
    json_object_set_new(root, "seed", json_integer((json_int_t)gate->options.seed));
    json_object_set_new(root, "exact", exact_json(&gate->exact));
    json_object_set_new(root, "exact_skipped", text_or_null(gate->exact_skipped));
    json_object_set_new(root, "clocks_unknown",
                        json_pack("{s:o, s:o}", "base", text_or_null(gate->base.clocks_unknown),
                                  "head", text_or_null(gate->head.clocks_unknown)));
    json_object_set_new(root, "time", metrics);
    json_object_set_new(root, "exit_status", json_integer(gate_status(gate)));
    return root;
}
