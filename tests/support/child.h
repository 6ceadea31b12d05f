/* child.h - runs a function in a child process and keeps what it said and how it ended. */
#ifndef SWITCHYARD_TESTS_CHILD_H
#define SWITCHYARD_TESTS_CHILD_H

#define CHILD_TEXT_BYTES 65536

struct child {
    int status;                  /* as waitpid gives it */
    char text[CHILD_TEXT_BYTES]; /* its stderr, zero-terminated, cut if longer */
};

/* Forks, runs body(arg) with stderr in a pipe (the child exits 0 if body returns), and waits. The
 * runtime must not run in the caller. Fails the test if the child cannot be made. */
void child_run(struct child *child, void (*body)(void *arg), void *arg);

/* Runs main_fn as the first task of a runtime in a child; asserts exit status 2 and that stderr is
 * exactly the line. */
void child_assert_fatal(int (*main_fn)(void *arg), void *arg, const char *line);

#endif
