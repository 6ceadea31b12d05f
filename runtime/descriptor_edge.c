/* descriptor_edge.c - what the poller does with an event: steps a and b of descriptor.h, EDGES. */
#include <sys/epoll.h>

#include "descriptor.h"
#include "park.h"

static void make_ready(struct task *first, struct waitq *woken)
{
    while (first != NULL) {
        struct task *task = first;
        first = task->next;
        task->result = 0;
        task->state = TASK_READY;
        waitq_push(woken, task);
        task->waitq = NULL;
    }
}

/* In one step under the lock: a waiter that is out of its queue belongs to the poller, and what
 * fires its timer leaves it alone. */
void descriptor_edge(int fd, uint32_t generation, uint32_t events, struct waitq *woken)
{
    struct descriptor *entry = &descriptors.all[fd];
    spin_lock(&entry->lock.held);
    uint32_t state = state_of(entry);
    if (state_generation(state) == generation) {
        bool broken = (events & (EPOLLHUP | EPOLLERR)) != 0;
        bool readable = broken || (events & (EPOLLIN | EPOLLRDHUP | EPOLLPRI)) != 0;
        bool writable = broken || (events & EPOLLOUT) != 0;
        state |= broken || (events & EPOLLRDHUP) != 0 ? STATE_HUNG : 0;
        state &= ~((events & EPOLLPRI) != 0 ? STATE_DRAINS : 0);
        state &= ~(readable ? 1u << STATE_WAITED_SHIFT << READING : 0);
        state &= ~(writable ? 1u << STATE_WAITED_SHIFT << WRITING : 0);
        set_state(entry, state);
        make_ready(readable ? descriptor_count_edge(entry, READING) : NULL, woken);
        make_ready(writable ? descriptor_count_edge(entry, WRITING) : NULL, woken);
    }
    spin_unlock(&entry->lock.held);
}
