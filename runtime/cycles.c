/* cycles.c - see cycles.h. */
#include "cycles.h"

#include <sys/mman.h>

#include "mutex.h"
#include "report.h"
#include "stack.h"

/* --- who waits for whom ----------------------------------------------------------------------- */

bool cycles_wait_ends(const struct task *task)
{
    /* relaxed: set under the lock of the heap, like place */
    return task->timer.place != 0 || load_relaxed(&task->timer.firing) != 0;
}

/* The owner is noted in the caller's storage, so it is looked at before it is followed. The slot of
 * an owner that ended without unlocking may hold another task by now; that cannot be told. */
static const struct task *owner_of(const struct mutex *mutex)
{
    uint32_t slot = 0;
    bool is_task = stack_slot_of(mutex->owner, &slot) && slot < task_slots();
    return is_task ? mutex->owner : NULL;
}

const struct task *cycles_waits_for(const struct task *task)
{
    const struct task *other = NULL;
    if (task->state == TASK_PARKED && task->reason == WAIT_JOIN) {
        other = task->object;
    } else if (task->state == TASK_PARKED && task->reason == WAIT_MUTEX) {
        other = owner_of(task->object);
    }
    bool lives = other != NULL && other->state != TASK_FREE && other->state != TASK_ENDED;
    return lives ? other : NULL;
}

/* The next one on the path. */
static const struct task *next_of(const struct task *task)
{
    return cycles_wait_ends(task) ? NULL : cycles_waits_for(task);
}

/* --- printing --------------------------------------------------------------------------------- */

/* Names are the program's: what would spoil the line is shown as a question mark. */
static void add_name(struct text *text, const char *name)
{
    char clean[SY_NAME_BYTES];
    uint32_t length = 0;
    for (; length < SY_NAME_BYTES - 1 && name[length] != '\0'; length++) {
        unsigned char byte = (unsigned char)name[length];
        clean[length] = byte < ' ' || byte == 0x7f ? '?' : name[length];
    }
    clean[length] = '\0';
    text_add(text, clean);
}

void cycles_add_task(struct text *text, const struct task *task)
{
    text_add(text, "task ");
    text_add_number(text, task_number(task));
    text_add(text, " \"");
    add_name(text, task->name);
    text_add(text, "\"");
}

/* waits for mutex 0x4050c0 held by task 5 "b" */
static void add_wait(struct text *text, const struct task *task)
{
    if (task->reason == WAIT_MUTEX) {
        text_add(text, " waits for mutex ");
        text_add_pointer(text, task->object);
        text_add(text, " held by ");
    } else {
        text_add(text, " waits to join ");
    }
    cycles_add_task(text, cycles_waits_for(task));
}

static void print_cycle(struct report *report, const struct task *first)
{
    const struct task *task = first;
    text_add(&report->text, "\ncycle: ");
    cycles_add_task(&report->text, task);
    do {
        text_add(&report->text, task == first ? "" : ", which");
        add_wait(&report->text, task);
        report_push(report);
        task = next_of(task);
    } while (task != first);
    text_add(&report->text, "\n");
    report_push(report);
}

/* --- finding ---------------------------------------------------------------------------------- */

/* Goes along the path that begins in the slot, and marks it. True if it runs into a circle that no
 * path before did: *first is on it. */
static bool walk(uint32_t *marks, uint32_t slot, const struct task **first)
{
    uint32_t mark = slot + 1;
    const struct task *task = stack_task(slot);
    while (task != NULL && marks[task->slot.index] == 0) {
        marks[task->slot.index] = mark;
        task = next_of(task);
    }
    *first = task;
    return task != NULL && marks[task->slot.index] == mark;
}

int cycles_print(struct report *report)
{
    int found = 0;
    uint32_t slots = task_slots();
    size_t bytes = (size_t)slots * sizeof(uint32_t);
    const struct task *first = NULL;
    uint32_t *marks = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (marks == MAP_FAILED) {
        text_add(&report->text, "\nno memory to look for cycles\n");
        report_push(report);
        return 0;
    }
    for (uint32_t slot = 0; slot < slots; slot++) {
        if (next_of(stack_task(slot)) != NULL && walk(marks, slot, &first)) {
            print_cycle(report, first);
            found++;
        }
    }
    munmap(marks, bytes);
    return found;
}
