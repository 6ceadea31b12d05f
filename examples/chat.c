/* chat - a chat server, a task for each client: `chat 7777`, then `nc 127.0.0.1 7777`. */
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>

#include <switchyard/switchyard.h>

#define CLIENTS 1024

static sy_mutex mutex = SY_MUTEX_INIT;
static bool here[CLIENTS]; /* by descriptor; guarded by mutex */

static void set_here(int fd, bool is_here)
{
    sy_mutex_lock(&mutex);
    here[fd] = is_here;
    sy_mutex_unlock(&mutex);
}

static void tell_others(int from, const char *text, size_t bytes)
{
    sy_mutex_lock(&mutex);
    for (int fd = 0; fd < CLIENTS; fd++) {
        if (here[fd] && fd != from) {
            sy_write(fd, text, bytes);
        }
    }
    sy_mutex_unlock(&mutex);
}

static void *serve(void *arg)
{
    int fd = (int)(intptr_t)arg;
    char text[512];
    ssize_t bytes;
    while ((bytes = sy_read(fd, text, sizeof text)) > 0) {
        tell_others(fd, text, (size_t)bytes);
    }
    set_here(fd, false);
    sy_io_close(fd);
    return NULL;
}

static int first_task(void *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    int listener = sy_listen((struct sockaddr *)&address, sizeof address, 16);
    int fd = listener < 0 ? listener : sy_accept(listener, NULL, NULL);
    while (fd >= 0 && fd < CLIENTS) {
        set_here(fd, true);
        sy_go(serve, (void *)(intptr_t)fd);
        fd = sy_accept(listener, NULL, NULL);
    }
    return 1; /* the port is taken, or there are too many clients */
}

int main(int argc, char **argv)
{
    return argc == 2 ? sy_run(NULL, first_task, argv[1]) : 2;
}
