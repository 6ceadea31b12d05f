/* report.c - see report.h. */
#include "report.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <string.h>
#include <sys/mman.h>

#include "base/output.h"

#define ROOM_MIN ((size_t)1 << 20)

void report_begin(struct report *report, int fd, bool held)
{
    report->text.used = 0;
    report->fd = fd;
    report->error = 0;
    report->held = held;
    report->kept = NULL;
    report->used = 0;
    report->room = 0;
}

static void write_out(struct report *report, const char *bytes, size_t count)
{
    if (report->error == 0) {
        report->error = output_write(report->fd, bytes, count);
    }
}

/* Room for a whole text. False if there is no memory. */
static bool grow(struct report *report)
{
    size_t room = report->room == 0 ? ROOM_MIN : 2 * report->room;
    if (report->room - report->used >= TEXT_BYTES) {
        return true;
    }
    void *kept = report->kept == NULL
                     ? mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                     : mremap(report->kept, report->room, room, MREMAP_MAYMOVE);
    if (kept == MAP_FAILED) {
        return false;
    }
    report->kept = kept;
    report->room = room;
    return true;
}

/* Writes what is held so far. */
static void let_go(struct report *report)
{
    write_out(report, report->kept, report->used);
    report->used = 0;
}

void report_push(struct report *report)
{
    if (report->held && !grow(report)) {
        let_go(report);
        report->held = false;
    }
    if (report->held) {
        memcpy(report->kept + report->used, report->text.bytes, report->text.used);
        report->used += report->text.used;
    } else {
        write_out(report, report->text.bytes, report->text.used);
    }
    report->text.used = 0;
}

int report_end(struct report *report)
{
    report_push(report);
    let_go(report);
    if (report->kept != NULL) {
        munmap(report->kept, report->room);
    }
    return report->error;
}

/* The function is that of the instruction at `code`, which belongs to the frame. */
static void add_frame(struct text *text, void *frame, void *code)
{
    Dl_info info = {.dli_fname = NULL};
    if (dladdr(code, &info) != 0 && info.dli_fname != NULL) {
        const void *start = info.dli_sname != NULL ? info.dli_saddr : info.dli_fbase;
        text_add(text, info.dli_fname);
        text_add(text, "(");
        text_add(text, info.dli_sname != NULL ? info.dli_sname : "");
        text_add(text, "+");
        text_add_pointer(text, (void *)((uintptr_t)frame - (uintptr_t)start));
        text_add(text, ") ");
    }
    text_add(text, "[");
    text_add_pointer(text, frame);
    text_add(text, "]\n");
}

/* A call may be the last instruction of its function, so what is looked up is before its end. */
void report_add_frame(struct report *report, void *frame)
{
    add_frame(&report->text, frame, (char *)frame - 1);
}

void report_frames(struct report *report, void *const *frames, int count, bool interrupted)
{
    for (int i = 0; i < count; i++) {
        bool exact = interrupted && i == 0;
        text_add(&report->text, "    ");
        add_frame(&report->text, frames[i], (char *)frames[i] - !exact);
        report_push(report);
    }
}

void report_prepare(void)
{
    void *frame = NULL;
    backtrace(&frame, 1);
}
