/* program.h - the program `switchyard` with fake workers, in a folder of its own, with a lock file
 * of its own. */
#ifndef SWITCHYARD_TESTS_HARNESS_PROGRAM_H
#define SWITCHYARD_TESTS_HARNESS_PROGRAM_H

#include <stddef.h>
#include <sys/types.h>

#include "result.h"

#define PROGRAM_TEXT_BYTES 65536

extern char program_folder[];                 /* of this test */
extern char program_out[64];                  /* the results file in it */
extern char program_text[PROGRAM_TEXT_BYTES]; /* what the last run printed, stderr included */

/* Fixture. */
void program_setup(void);
void program_teardown(void);

/* Starts the program, arguments split at blanks, with its output on the descriptor. */
pid_t program_start(const char *arguments, int output);

/* The same for `run` with the fake workers and the folder's results file, its output discarded. */
pid_t program_start_fakes(const char *arguments);

/* Waits for it: its exit status, or -signal. */
int program_exit(pid_t pid);

/* Runs the program to its end; its output is in program_text. */
int program_run(const char *arguments);

/* `switchyard run` with the fake workers and the folder's results file. */
int program_run_fakes(const char *arguments);

/* Asserts that program_text contains it. */
void program_says(const char *says);

/* The results file, which must be good. */
struct results *program_results(void);

/* Waits until the first trial is on disk. */
void program_wait_for_results(void);

/* Orphans of the harness become ours (PR_SET_CHILD_SUBREAPER): asserts that they all die. */
void program_expect_orphans_die(void);

void program_pause_ns(long ns);

#endif
