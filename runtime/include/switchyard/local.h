/* local.h - task-local values: each task has its own value under a key. */
#ifndef SWITCHYARD_LOCAL_H
#define SWITCHYARD_LOCAL_H

#include <switchyard/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SY_KEYS_MAX 128
#define SY_DESTRUCTOR_ROUNDS 4

/* Names a value in every task. As sy_task: zero names none, stale gives -ESRCH. */
typedef struct sy_key {
    uint64_t id;
} sy_key;

/* Makes a key, under which every task's value is NULL. When a task ends with a value that is not
 * NULL, the value is set to NULL and destructor(value) called by the task, which may do there what
 * a task may do; so for all values, in up to SY_DESTRUCTOR_ROUNDS rounds if destructors set values
 * again. destructor may be NULL. Keys outlive sy_run.
 *   -EINVAL  key is NULL    -EAGAIN  SY_KEYS_MAX keys exist
 * Does not switch. From a task. */
int sy_key_new(sy_key *key, void (*destructor)(void *value));

/* Frees the key. Values under it are dropped without the destructor. -ESRCH: no such key.
 * Does not switch. From a task. */
int sy_key_free(sy_key key);

/* Sets the calling task's value. -ESRCH: no such key. -ENOMEM: no memory for the task's first
 * values. Does not switch. From a task. */
int sy_local_set(sy_key key, void *value);

/* The calling task's value; NULL if it set none, or if there is no such key.
 * Does not switch. From a task. */
void *sy_local_get(sy_key key);

#ifdef __cplusplus
}
#endif

#endif
