/* export_markdown.c - a Markdown table; failed rows say their status where the number would be. */
#include <stdlib.h>

#include "export.h"
#include "plot_pair.h"
#include "plot_text.h"

enum { CELL_BYTES = 256 };

static void print_cell(FILE *out, const char *text)
{
    char clean[CELL_BYTES];
    text_clean(clean, sizeof clean, text);
    fputs(" ", out);
    text_write_markdown(out, clean);
    fputs(" |", out);
}

static void print_row(struct export *export, const struct result_row *row)
{
    char text[CELL_BYTES];
    FILE *out = export->out;
    fputs("|", out);
    row_label(export->results, row, text, sizeof text);
    print_cell(out, text);
    print_cell(out, row->backend);
    print_cell(out, row->metric != NULL ? row->metric : "");
    if (row->status != TRIAL_OK) {
        text_format(text, sizeof text, "%s: %s", trial_status_name(row->status),
                    row->reason != NULL ? row->reason : "");
        print_cell(out, text);
        print_cell(out, "");
    } else {
        print_cell(out, text_quantity(row->median, row->unit).s);
        text_format(text, sizeof text, "%s – %s", text_quantity(row->ci_low, row->unit).s,
                    text_quantity(row->ci_high, row->unit).s);
        print_cell(out, row->trials_count > 1 ? text : "");
    }
    fprintf(out, " %zu |\n", row->trials_count);
}

int export_markdown(struct export *export)
{
    fputs("| workload | back end | metric | median | 95 % interval | processes |\n"
          "|---|---|---|--:|--:|--:|\n",
          export->out);
    for (size_t i = 0; i < export->results->rows_count; i++) {
        print_row(export, &export->results->rows[i]);
    }
    return 0;
}
