/* crew.c - see crew.h. */
#include "crew.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum gate { GATE_SHUT, GATE_OPEN, GATE_CALLED_OFF };

struct crew {
    /* immutable once the members exist */
    struct crew_member *members;

    /* mutex: */
    sy_mutex mutex;
    sy_cond arrived; /* arrivals changed */
    sy_cond opened;  /* gate changed */
    uint32_t arrivals;
    enum gate gate;
};

bool crew_ready(struct crew_member *self)
{
    struct crew *crew = self->crew;
    sy_mutex_lock(&crew->mutex);
    crew->arrivals++;
    sy_cond_signal(&crew->arrived);
    while (crew->gate == GATE_SHUT) {
        sy_cond_wait(&crew->opened, &crew->mutex);
    }
    bool go = crew->gate == GATE_OPEN;
    sy_mutex_unlock(&crew->mutex);
    self->begin = sy_now();
    return go;
}

static void *member_main(void *arg)
{
    struct crew_member *self = arg;
    self->status = self->body(self);
    self->end = sy_now();
    return NULL;
}

/* Waits for all that were made to arrive, then lets them pass or sends them home. */
static void open_gate(struct crew *crew, uint32_t made, enum gate gate)
{
    sy_mutex_lock(&crew->mutex);
    while (crew->arrivals < made) {
        sy_cond_wait(&crew->arrived, &crew->mutex);
    }
    crew->gate = gate;
    sy_cond_broadcast(&crew->opened);
    sy_mutex_unlock(&crew->mutex);
}

/* Stores in *made how many were made; fewer than count if the system refused one. */
static int make_members(struct trial *trial, struct crew *crew, uint32_t count,
                        const struct crew_member *pattern, uint32_t *made)
{
    for (*made = 0; *made < count; (*made)++) {
        struct crew_member *member = &crew->members[*made];
        *member = *pattern;
        member->index = *made;
        int status = sy_spawn(&member->task, member_main, member);
        if (status < 0) {
            return trial_refused(trial, *made, status);
        }
    }
    return 0;
}

static int join_members(struct trial *trial, struct crew *crew, uint32_t made)
{
    int first = 0;
    for (uint32_t i = 0; i < made; i++) {
        int status = sy_join(crew->members[i].task, NULL);
        status = status < 0 ? status : crew->members[i].status;
        if (status < 0 && first == 0) {
            first = trial_fail(trial, status, "task %u of %u failed: %s", i, made,
                               strerrorname_np(-status));
        }
    }
    return first;
}

static sy_time time_of(const struct crew *crew, uint32_t count)
{
    sy_time begin = crew->members[0].begin;
    sy_time end = crew->members[0].end;
    for (uint32_t i = 1; i < count; i++) {
        begin = crew->members[i].begin < begin ? crew->members[i].begin : begin;
        end = crew->members[i].end > end ? crew->members[i].end : end;
    }
    return end - begin;
}

int crew_run(struct trial *trial, uint32_t count, crew_body body, void *shared, sy_time *elapsed)
{
    struct crew crew = {.gate = GATE_SHUT};
    crew.members = calloc(count, sizeof *crew.members);
    if (crew.members == NULL) {
        return trial_fail(trial, -ENOMEM, "no memory for a crew of %u", count);
    }
    uint32_t made = 0;
    struct crew_member pattern = {.crew = &crew, .body = body, .shared = shared};
    int refused = make_members(trial, &crew, count, &pattern, &made);
    open_gate(&crew, made, refused < 0 ? GATE_CALLED_OFF : GATE_OPEN);
    int status = join_members(trial, &crew, made);
    if (refused < 0) {
        status = refused;
    } else if (elapsed != NULL) {
        *elapsed = time_of(&crew, count);
    }
    free(crew.members);
    return status;
}
