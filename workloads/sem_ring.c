/* sem_ring.c - see sem_ring.h. */
#include "sem_ring.h"

#include <errno.h>
#include <stdlib.h>

#include "crew.h"

struct sem_ring {
    /* immutable while the members run */
    uint32_t tasks;
    uint64_t end_turn; /* the first that does not take place */
    sem_ring_visit visit;
    void *shared;
    sy_sem *sems; /* by place */

    /* of the task whose turn it is */
    uint64_t due; /* the turn */
    sy_time begin;
    sy_time end;
};

/* Returns 0, or -EPROTO if the turn came out of order. */
static int take_turn(struct sem_ring *ring, uint32_t place, uint64_t turn)
{
    int status = ring->due == turn ? 0 : -EPROTO;
    ring->due = turn + 1;
    if (ring->visit != NULL) {
        ring->visit(ring->shared, place, turn);
    }
    if (turn + 1 == ring->tasks) {
        ring->begin = sy_now(); /* all of the first lap is done but its last hand-over */
    }
    if (turn + 1 == ring->end_turn) {
        ring->end = sy_now();
    }
    return status;
}

static int take_turns(struct crew_member *self)
{
    struct sem_ring *ring = self->shared;
    sy_sem *mine = &ring->sems[self->index];
    sy_sem *next = &ring->sems[(self->index + 1) % ring->tasks];
    int status = 0;
    if (!crew_ready(self)) {
        return 0;
    }
    for (uint64_t turn = self->index; turn < ring->end_turn; turn += ring->tasks) {
        sy_sem_wait(mine);
        int now = take_turn(ring, self->index, turn);
        status = status < 0 ? status : now;
        sy_sem_post(next);
    }
    return status;
}

int sem_ring_run(struct trial *trial, uint32_t tasks, uint64_t turns, sem_ring_visit visit,
                 void *shared, sy_time *elapsed)
{
    struct sem_ring ring = {
        .tasks = tasks, .end_turn = tasks + turns, .visit = visit, .shared = shared};
    ring.sems = calloc(tasks, sizeof *ring.sems);
    if (ring.sems == NULL) {
        return trial_fail(trial, -ENOMEM, "no memory for a ring of %u", tasks);
    }
    for (uint32_t i = 0; i < tasks; i++) {
        sy_sem_init(&ring.sems[i], i == 0);
    }
    int status = crew_run(trial, tasks, take_turns, &ring, NULL);
    if (status == 0 && ring.due != ring.end_turn) {
        status = trial_fail(trial, -EPROTO, "turn %llu was the last", (unsigned long long)ring.due);
    }
    for (uint32_t i = 0; i < tasks; i++) {
        sy_sem_destroy(&ring.sems[i]);
    }
    free(ring.sems);
    *elapsed = ring.end - ring.begin;
    return status;
}
