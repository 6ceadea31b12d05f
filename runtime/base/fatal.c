/* fatal.c - see fatal.h. Formats on the stack and writes with write(2): no locks, no malloc. */
#include "base/fatal.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <switchyard/task.h>

#include "base/handle.h"

#define LINE_BYTES 512

_Noreturn void sy_fatal(const char *format, ...)
{
    static const char prefix[] = "fatal error: ";
    char line[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int used = snprintf(line, sizeof line, "%s", prefix);
    int more = vsnprintf(line + used, sizeof line - (size_t)used - 1, format, arguments);
    va_end(arguments);
    int longest = (int)sizeof line - 1 - used - 1;
    used += more < longest ? more : longest;
    line[used++] = '\n';
    if (write(STDERR_FILENO, line, (size_t)used) < 0) {
        /* Nobody is left to tell; the exit status still speaks. */
    }
    _exit(SY_EXIT_FATAL);
}

/* Those about objects in the caller's storage, see misuse.h. */
static bool names_address(const char *what)
{
    size_t length = strlen(what);
    return length >= 2 && strcmp(what + length - 2, "0x") == 0;
}

_Noreturn void sy_misuse_by(sy_task task, const char *what, uint64_t number)
{
    char name[SY_NAME_BYTES] = "";
    (void)sy_task_get_name(task, name, sizeof name); /* a task without a name prints "" */
    if (names_address(what)) {
        sy_fatal("%s%llx by task %u \"%s\"", what, (unsigned long long)number,
                 handle_number(task.id), name);
    }
    sy_fatal("%s %llu by task %u \"%s\"", what, (unsigned long long)number, handle_number(task.id),
             name);
}

_Noreturn void sy_misuse(const char *what, uint64_t number)
{
    sy_misuse_by(sy_self(), what, number);
}

_Noreturn void sy_fatal_outside_task(const char *function)
{
    sy_fatal("%s called from outside a task", function);
}
