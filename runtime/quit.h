/* quit.h - SIGQUIT: dumps all tasks on stderr and ends the process with status 2.
 *
 * The handler only asks sysmon, which no task can keep busy; sysmon stops the world and prints. The
 * backtrace of a running task can only be made by its own thread:
 *   sysmon                                      the thread, in the handler of the signal
 *   1. headline of the task                     a. asked is this worker? else it is no such request
 *   2. asked = its worker (release)             b. prints the backtrace of what it interrupted
 *   3. SIGQUIT to its thread                    c. asked = NULL (release)
 *   4. waits until asked == NULL, with a time   d. returns
 *      limit
 * One thread is asked at a time, and sysmon prints nothing meanwhile. After the time limit it goes
 * on; a thread that answers later finds that it is not asked any more.
 *
 * The handler is installed only where SIGQUIT had its default action. It runs on the signal stacks
 * of the workers, since those of the tasks may be nearly used up.
 */
#ifndef SWITCHYARD_QUIT_H
#define SWITCHYARD_QUIT_H

/* By sy_run's caller, which is the first worker. */
void quit_install(void);
void quit_remove(void);

/* What the signal asks for. By sysmon. */
_Noreturn void quit_dump(void);

#endif
