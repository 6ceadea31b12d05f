/* test_runtime_streams.c - streams of random messages at random moments, of which every byte is
 * checked, over each kind of descriptor, between tasks and between a task and a thread. Messages
 * and buffers are of about the same size, so that short and full reads mix. No call has a deadline:
 * a lost edge is a hang, which the test's time limit ends. */
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "support/descriptors.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/suite_main.h"

enum { BUFFER = 256, STREAMS = 12, ROUNDS = 12, MESSAGES = 60, KINDS = 4, SMALL = 4096 };

struct stream {
    int ends[2]; /* read from [0], write to [1] */
    uint32_t seed;
    bool hangs_up;   /* the writer closes; else the reader knows how much comes */
    int thread;      /* the end that a thread has, or -1 */
    size_t expected; /* bytes in all */
    pthread_t thread_id;
    sy_task tasks[2];
    struct side {
        struct stream *stream;
        uint32_t random;
        unsigned char bytes[2 * BUFFER];
    } sides[2];
};

/* Marsaglia, Xorshift RNGs, 2003. */
static uint32_t draw(uint32_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 17;
    *random ^= *random << 5;
    return *random;
}

static unsigned char byte_at(const struct stream *stream, size_t place)
{
    return (unsigned char)(place * 31 + place / 256 * 7 + stream->seed);
}

/* Often just the size of the buffer, or one beside it. */
static size_t draw_size(uint32_t *random)
{
    uint32_t drawn = draw(random) >> 8;
    return drawn % 2 == 0 ? BUFFER - 1 + drawn / 2 % 3 : 1 + drawn / 2 % (2 * BUFFER);
}

static void pause_side(struct side *side, bool is_thread)
{
    uint32_t drawn = draw(&side->random) >> 8;
    if (drawn % 8 == 0 && !is_thread) {
        sy_sleep(drawn / 8 % 50 * SY_MICROSECOND);
    }
    for (uint32_t i = drawn % 4; i > 0; i--) {
        if (is_thread) {
            sched_yield();
        } else {
            sy_yield();
        }
    }
}

static void *run_writer(void *arg)
{
    struct side *side = arg;
    struct stream *stream = side->stream;
    bool is_thread = stream->thread == 1;
    size_t sent = 0;
    while (sent < stream->expected) {
        size_t size = draw_size(&side->random);
        size = size < stream->expected - sent ? size : stream->expected - sent;
        for (size_t i = 0; i < size; i++) {
            side->bytes[i] = byte_at(stream, sent + i);
        }
        ssize_t done = is_thread ? write(stream->ends[1], side->bytes, size)
                                 : sy_write(stream->ends[1], side->bytes, size);
        expect_ge(done, 1);
        if (done < 1) {
            break;
        }
        sent += (size_t)done;
        pause_side(side, is_thread);
    }
    if (stream->hangs_up) {
        expect_eq(is_thread ? close(stream->ends[1]) : sy_io_close(stream->ends[1]), 0);
    }
    return NULL;
}

static bool check(const struct side *side, size_t place, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (side->bytes[i] != byte_at(side->stream, place + i)) {
            return false;
        }
    }
    return true;
}

static void *run_reader(void *arg)
{
    struct side *side = arg;
    struct stream *stream = side->stream;
    bool is_thread = stream->thread == 0;
    size_t got = 0;
    ssize_t done = 1;
    while (done > 0 && (got < stream->expected || stream->hangs_up)) {
        /* Not less than a packet: the rest would be dropped. */
        size_t size = 2 * BUFFER;
        if (stream->seed % KINDS != 3 && draw(&side->random) >> 31 != 0) {
            size = BUFFER;
        }
        done = is_thread ? read(stream->ends[0], side->bytes, size)
                         : sy_read(stream->ends[0], side->bytes, size);
        expect_ge(done, stream->hangs_up ? 0 : 1);
        if (done > 0) {
            expect_true(check(side, got, (size_t)done));
            got += (size_t)done;
            pause_side(side, is_thread);
        }
    }
    expect_eq(got, stream->expected);
    return NULL;
}

/* ends[1] was accepted. */
static void open_tcp(int ends[2])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = sy_listen((struct sockaddr *)&address, length, 1);
    expect_ge(listener, 0);
    expect_eq(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    ends[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    expect_eq(sy_connect(ends[0], (struct sockaddr *)&address, length), 0);
    ends[1] = sy_accept(listener, NULL, NULL);
    expect_ge(ends[1], 0);
    expect_eq(sy_io_close(listener), 0);
}

static void open_packets(int ends[2])
{
    expect_eq(pipe2(ends, O_CLOEXEC | O_DIRECT), 0);
}

static void open_stream(struct stream *stream, uint32_t seed)
{
    static void (*const open_kind[KINDS])(int ends[2]) = {open_tcp, open_pipe, open_sockets,
                                                          open_packets};
    *stream = (struct stream){.seed = seed, .thread = (int)(seed / KINDS % 3) - 1};
    for (uint32_t i = 0; i < 2; i++) {
        stream->sides[i].stream = stream;
        stream->sides[i].random = (2 * seed + i + 1) * 2654435761u;
    }
    uint32_t drawn = draw(&stream->sides[0].random) >> 8;
    stream->hangs_up = drawn % 2 == 0;
    stream->expected = 1 + drawn / 2 % (MESSAGES * BUFFER);
    open_kind[seed % KINDS](stream->ends);
    if (drawn / 4 % 2 == 0) { /* so that writers wait too; one of the two fails, by its kind */
        int size = SMALL;
        fcntl(stream->ends[1], F_SETPIPE_SZ, size);
        setsockopt(stream->ends[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    }
}

static void start_stream(struct stream *stream)
{
    static void *(*const run[2])(void *arg) = {run_reader, run_writer};
    for (int i = 0; i < 2; i++) {
        if (stream->thread == i) {
            int fd = stream->ends[i];
            fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
            expect_eq(pthread_create(&stream->thread_id, NULL, run[i], &stream->sides[i]), 0);
        } else {
            expect_eq(sy_spawn(&stream->tasks[i], run[i], &stream->sides[i]), 0);
        }
    }
}

/* The thread last: it ends by itself once the task has. */
static void end_stream(struct stream *stream)
{
    for (int i = 0; i < 2; i++) {
        if (stream->thread != i) {
            expect_eq(sy_join(stream->tasks[i], NULL), 0);
        }
    }
    if (stream->thread >= 0) {
        expect_eq(pthread_join(stream->thread_id, NULL), 0);
    }
    expect_eq(sy_io_close(stream->ends[0]), 0);
    if (!stream->hangs_up) {
        expect_eq(sy_io_close(stream->ends[1]), 0);
    }
}

static int run_streams(void *arg)
{
    struct stream *streams = calloc(STREAMS, sizeof *streams);
    (void)arg;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        for (uint32_t i = 0; i < STREAMS; i++) {
            open_stream(&streams[i], round * STREAMS + i);
        }
        for (uint32_t i = 0; i < STREAMS; i++) {
            start_stream(&streams[i]);
        }
        for (uint32_t i = 0; i < STREAMS; i++) {
            end_stream(&streams[i]);
        }
    }
    free(streams);
    return 0;
}

/* Goal: whatever mixes, all bytes arrive, in their order, and the end after them. */
START_TEST(test_streams_all_bytes_arrive)
{
    run_tasks((uint32_t)_i, run_streams, NULL);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_streams");
    tcase_set_timeout(tests, 25);
    tcase_add_loop_test(tests, test_streams_all_bytes_arrive, 1, 5);
    return suite_main("runtime_streams", tests);
}
