/* net_client_message.h - what the load generator sends, and what must come back. */
#ifndef SWITCHYARD_NET_CLIENT_MESSAGE_H
#define SWITCHYARD_NET_CLIENT_MESSAGE_H

#include <stddef.h>

#include "net_client.h"

struct net_message {
    size_t bytes;
    unsigned char data[NET_BYTES_MAX];
};

/* The message number `sequence` of a connection, and its answer. An echo message is these two
 * numbers and bytes that follow from them; an HTTP request and its answer are always the same. */
void net_message_request(struct net_message *message, const struct net_load *load,
                         uint32_t connection, uint64_t sequence);
void net_message_answer(struct net_message *message, const struct net_load *load,
                        uint32_t connection, uint64_t sequence);

/* A number for the sum over all answers, whose order must not matter. */
uint64_t net_message_sum(const struct net_message *answer, uint32_t connection, uint64_t sequence);

#endif
