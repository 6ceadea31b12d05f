/* net_client_message.c - see net_client_message.h. */
#include "net_client_message.h"

#include <string.h>

#include "io_http.h"

#define FILLERS 256 /* different fillings of a message */
#define GOLDEN UINT64_C(0x9e3779b97f4a7c15)

/* Bytes that do not repeat within a message; a filling is a window into them. */
static const unsigned char *filling(uint32_t connection, uint64_t sequence)
{
    static unsigned char bytes[FILLERS + NET_BYTES_MAX];
    static int made;
    for (uint64_t i = 0; !made && i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)((i + 1) * GOLDEN >> 56);
    }
    made = 1;
    return bytes + (connection * 31 + sequence) % FILLERS;
}

static void fill_echo(struct net_message *message, size_t bytes, uint32_t connection,
                      uint64_t sequence)
{
    const uint64_t numbers[2] = {connection, sequence};
    memcpy(message->data, numbers, sizeof numbers);
    memcpy(message->data + sizeof numbers, filling(connection, sequence), bytes - sizeof numbers);
    message->bytes = bytes;
}

static void fill_text(struct net_message *message, const char *text, size_t bytes)
{
    memcpy(message->data, text, bytes);
    message->bytes = bytes;
}

void net_message_request(struct net_message *message, const struct net_load *load,
                         uint32_t connection, uint64_t sequence)
{
    if (load->protocol == NET_ECHO) {
        fill_echo(message, load->bytes, connection, sequence);
    } else {
        fill_text(message, IO_HTTP_REQUEST, sizeof IO_HTTP_REQUEST - 1);
    }
}

void net_message_answer(struct net_message *message, const struct net_load *load,
                        uint32_t connection, uint64_t sequence)
{
    if (load->protocol == NET_ECHO) {
        fill_echo(message, load->bytes, connection, sequence);
    } else {
        fill_text(message, IO_HTTP_ANSWER, sizeof IO_HTTP_ANSWER - 1);
    }
}

uint64_t net_message_sum(const struct net_message *answer, uint32_t connection, uint64_t sequence)
{
    uint64_t number = (uint64_t)connection << 40 ^ sequence << 12 ^ answer->bytes;
    number *= GOLDEN;
    return number ^ number >> 29;
}
