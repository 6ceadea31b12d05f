/* report_wrong.c - the section on what a measurement done wrong would have said. */
#include <string.h>

#include "plot_text.h"
#include "report_sections.h"

static void write_way(const struct report *report, const struct lesson *lesson, int way)
{
    for (int side = 0; side < SIDES; side++) {
        fputs(side == 0 ? " " : " : ", report->out);
        text_write_markdown(report->out,
                            text_quantity(lesson->sides[way][side].value, lesson->unit).s);
    }
    fputs("<br> ratio ", report->out);
    text_write_markdown(report->out, wrong_ratio_text(lesson, way).s);
    fputs(" |", report->out);
}

static void write_lesson(const struct report *report, const struct lesson *lesson)
{
    char conclusion[WRONG_TEXT_BYTES];
    const struct wrong_kind *kind = lesson->kind;
    fprintf(report->out, "| **%s.** %s. | ", kind->name, kind->mistake);
    if (lesson->problem != NULL) {
        fputs("– | – | – | not measured: ", report->out);
        text_write_markdown(report->out, lesson->problem);
    } else {
        fprintf(report->out, "%s, %s : %s, %zu processes each |", kind->workload,
                wrong_side(kind, 0), wrong_side(kind, 1), lesson->trials);
        write_way(report, lesson, WAY_RIGHT);
        write_way(report, lesson, WAY_WRONG);
        wrong_conclude(lesson, conclusion, sizeof conclusion);
        fprintf(report->out, " *%s.* %s", conclusion, kind->lesson);
    }
    fputs(" |\n", report->out);
}

int report_wrong(const struct report *report)
{
    fputs("## What a measurement done wrong would have said\n\n", report->out);
    if (report->lessons == NULL || report->lessons->count == 0) {
        fputs("No mistake was made beside these results. `switchyard run --wrong all --out "
              "wrong.json`, beside the results file, makes each and shows what it would have "
              "said.\n\n",
              report->out);
        return 0;
    }
    fputs(
        "`switchyard run --wrong all` makes each mistake and measures the right way beside it, by "
        "turns, on the same machine. Two figures are told apart only if their 95 % intervals do "
        "not meet. None of these numbers is in the results.\n\n"
        "| mistake | on | right | wrong | what it would have said |\n|---|---|---|---|---|\n",
        report->out);
    for (size_t i = 0; i < report->lessons->count; i++) {
        write_lesson(report, &report->lessons->lessons[i]);
    }
    fputc('\n', report->out);
    return 0;
}
