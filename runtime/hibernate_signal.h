/* hibernate_signal.h - SIGBUS, which tells of writes to protected stacks (hibernate.h). SIGSEGV,
 * for guards in place of cold ones, is the overflow report's (overflow.h), which asks here first.
 */
#ifndef SWITCHYARD_HIBERNATE_SIGNAL_H
#define SWITCHYARD_HIBERNATE_SIGNAL_H

/* Takes SIGBUS over while the runtime runs, if stacks hibernate. Another one keeps its meaning. */
void hibernate_install(void);
void hibernate_remove(void);

#endif
