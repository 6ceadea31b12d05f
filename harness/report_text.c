/* report_text.c - the sections that say what was asked, how it was measured, and what that is not
 * good for. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot_context.h"
#include "plot_figure.h"
#include "plot_pair.h"
#include "plot_text.h"
#include "report_sections.h"
#include "result_quality.h"

enum { VALUE_BYTES = 1024 };

int report_question(const struct report *report)
{
    struct figure_text text;
    char *data;
    size_t size;
    int error = figure_prepare(&figure_ratio, report->results, report->source, &text, &data, &size);
    free(data);
    if (error == -ENOMEM) {
        return error;
    }
    fputs("# Green threads and OS threads: what each costs\n\n", report->out);
    fputs("Written by `switchyard report` from one results file. Every number below was computed "
          "from it.\n\n",
          report->out);
    if (!report->results->complete) {
        fputs("**The run was interrupted: this is what it had measured until then.**\n\n",
              report->out);
    }
    fputs("## What was asked\n\n"
          "A green thread (a goroutine, a fiber) is made and switched by the program itself; an OS "
          "thread by the kernel. What does each cost to create, to switch to, and to keep? The "
          "same workloads, compiled once into the same object files, were linked with a green "
          "runtime (many tasks on few OS threads) and with a library that gives each task an OS "
          "thread of its own. Nothing but the library differs.\n\n"
          "**The answer of this run: ",
          report->out);
    text_write_markdown(report->out, error == 0 ? text.title : text.absent);
    fputs(".**\n\n", report->out);
    return 0;
}

struct fact {
    const char *path;
    const char *name;
};

static const struct fact facts[] = {
    {"time", "When"},
    {"cpu.model", "Processor"},
    {"cpu.count", "CPUs that the run might use"},
    {"cpu.virtual_machine", "Virtual machine"},
    {"cpu.clock_source", "Clock source"},
    {"host.os", "Operating system"},
    {"kernel", "Kernel"},
    {"governor", "Frequency governor"},
    {"turbo", "Turbo"},
    {"thp", "Transparent huge pages"},
    {"compiler", "Compiler"},
    {"flags", "Flags"},
    {"build_type", "Build"},
    {"revision", "Revision"},
    {"seed", "Seed"},
    {"command", "Command"},
};

static void write_fact(const struct report *report, const char *name, const char *value)
{
    fprintf(report->out, "| %s | ", name);
    text_write_markdown(report->out, value);
    fputs(" |\n", report->out);
}

/* What the kernel guards against and at what price; not what this processor is safe from. */
static void write_mitigations(const struct report *report)
{
    char line[VALUE_BYTES * 2] = "";
    const char *name;
    json_t *value;
    json_t *mitigations = json_object_get(report->results->context, "mitigations");
    json_object_foreach(mitigations, name, value)
    {
        const char *words = json_string_value(value);
        if (words != NULL && strcmp(words, "Not affected") != 0) {
            text_append(line, sizeof line, "%s%s: %s", line[0] == '\0' ? "" : "; ", name, words);
        }
    }
    if (line[0] != '\0') {
        write_fact(report, "Mitigations", line);
    }
}

static void write_context(const struct report *report)
{
    char value[VALUE_BYTES];
    const json_t *context = report->results->context;
    fputs("| | |\n|---|---|\n", report->out);
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        if (context_text(context, facts[i].path, value, sizeof value)) {
            write_fact(report, facts[i].name, value);
        }
    }
    double memory = context_number(context, "host.memory_bytes");
    if (isfinite(memory)) {
        write_fact(report, "Memory", text_bytes(memory).s);
    }
    write_mitigations(report);
    fputc('\n', report->out);
}

static void write_warnings(const struct report *report)
{
    size_t i;
    json_t *warning;
    const json_t *warnings = context_at(report->results->context, "warnings");
    if (json_array_size(warnings) == 0) {
        return;
    }
    fputs("What disturbed the measurement, as far as the harness could see:\n\n", report->out);
    json_array_foreach(warnings, i, warning)
    {
        char text[VALUE_BYTES];
        text_clean(text, sizeof text, json_string_value(warning));
        fputs("- ", report->out);
        text_write_markdown(report->out, text);
        fputc('\n', report->out);
    }
    fputc('\n', report->out);
}

int report_method(const struct report *report)
{
    fputs(
        "## How it was measured\n\n"
        "Each trial is a fresh process, pinned to as many CPUs as the runtime has procs. The two "
        "back ends run one right after the other, in a random order that the seed decides, so "
        "that slow drift of the machine meets both. Within a process the first epochs are "
        "warm-up; the median of the others is the process's one number. The median and its 95 % "
        "interval (smoothed bootstrap) are taken over processes, for samples within one process "
        "are not independent. A ratio is the median of the ratios of processes of the same "
        "block (one trial of everything), which are neighbours where the two back ends are "
        "compared, and minutes apart at most where numbers of procs, settings or versions of a "
        "program are. It is only computed if both did exactly the same work: as many tasks, "
        "messages and "
        "switches, and the same checksum. No value is dropped; a process that was disturbed by a "
        "cause that was declared beforehand (a migration, time that the host of a virtual machine "
        "took, a quota) is rejected, whatever it measured, and measured again while there is "
        "time.\n\n"
        "Words that come up below. An *epoch* is one repetition of a workload within a "
        "process. *hop_latency* is the time of single hops from one task to the next, each between "
        "two readings of the clock, where *switch* is the mean over many. *create_cold* is the "
        "cost "
        "per task of the first batch in a process, whose stacks were never used before. The "
        "*ledger* lists what a process holds at one moment: resident memory, page tables, kernel "
        "stacks, slab, address space. What io.echo calls *raw* is measured by the same process "
        "with "
        "epoll loops in place of tasks. *nosteal* and the like behind a row: that technique of the "
        "green runtime was switched off. *default procs*: the trial could use all CPUs, and the "
        "runtime was not told how many procs to have. Rows of "
        "the first kind are only in the figure on what each technique is worth, those of the "
        "second in none.\n\n",
        report->out);
    write_context(report);
    write_warnings(report);
    if (quality_print_disturbed(report->out, report->results)) {
        fputc('\n', report->out);
    }
    return 0;
}

/* The fewest processes that any row rests on. */
static size_t fewest_processes(const struct results *results)
{
    size_t fewest = SIZE_MAX;
    size_t position = 0;
    const struct result_row *row;
    while ((row = results_next_tuned(results, &position, NULL, NULL, 0, NULL, NULL)) != NULL) {
        if (row->status == TRIAL_OK && row->trials_count < fewest) {
            fewest = row->trials_count;
        }
    }
    return fewest == SIZE_MAX ? 0 : fewest;
}

/* What so few processes mean. */
static const char *few_processes(size_t fewest)
{
    if (fewest < 2) {
        return "From one process nothing can be said about the spread: those numbers stand without "
               "an interval, and verdicts that rest on them are weak.";
    }
    return fewest < 5 ? "From fewer than five processes an interval is a guess: it covers less "
                        "than the 95 % that it is meant to."
                      : "";
}

/* Names the rows that one process alone stands for. */
static void write_single_rows(const struct report *report)
{
    size_t position = 0;
    size_t named = 0;
    const struct result_row *row;
    fputs("- One process only stands behind: ", report->out);
    while ((row = results_next_tuned(report->results, &position, NULL, NULL, 0, NULL, NULL)) !=
           NULL) {
        char label[PAIR_LABEL_BYTES];
        if (row->status != TRIAL_OK || row->metric == NULL || row->trials_count != 1) {
            continue;
        }
        row_label(report->results, row, label, sizeof label);
        fputs(named++ == 0 ? "" : "; ", report->out);
        text_write_markdown(report->out, label);
        fprintf(report->out, " (%s)", backend_words(row->backend));
    }
    fputs(".\n", report->out);
}

int report_limits(const struct report *report)
{
    size_t fewest = fewest_processes(report->results);
    fputs("## Limits\n\n"
          "- One machine, one kernel, one compiler. Ratios travel better than nanoseconds, and "
          "neither travels far.\n"
          "- The tasks of most workloads compute nothing. What a switch costs beside real work, "
          "with a working set that has to come back into the caches, is a different and smaller "
          "ratio.\n"
          "- Kernel stacks and slab memory are counted by the kernel for the whole machine: noise "
          "from other processes is in them.\n",
          report->out);
    fprintf(report->out,
            "- The rows with the fewest processes rest on %zu. %s\n"
            "- A claim that is *not measured yet* is neither true nor false here.\n",
            fewest, few_processes(fewest));
    if (fewest == 1) {
        write_single_rows(report);
    }
    fputc('\n', report->out);
    fputs("To draw the figures and write this again: `switchyard plot`, then `switchyard report`, "
          "on the same results file. The same file gives the same bytes.\n",
          report->out);
    return 0;
}
