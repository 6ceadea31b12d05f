/* descriptors.h - pairs of descriptors and whole transfers over them, for tests of io.h.
 *
 * All are for tasks. What should not fail is recorded as an expectation (expect.h).
 */
#ifndef SWITCHYARD_TESTS_DESCRIPTORS_H
#define SWITCHYARD_TESTS_DESCRIPTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* A pipe: ends[0] reads, ends[1] writes. */
void open_pipe(int ends[2]);

/* Two connected Unix stream sockets. */
void open_sockets(int ends[2]);

/* sy_io_close of both. */
void close_both(const int ends[2]);

/* Asks the kernel. */
bool is_open(int fd);

/* Writes until there is no room left. Returns how many bytes that took. */
size_t fill(int fd);

/* Reads that many bytes and drops them. */
void drain(int fd, size_t bytes);

/* Transfer all of it, in pieces of at most `piece` bytes. False at the end of the file, or if a
 * call fails. */
bool write_whole(int fd, const void *data, size_t bytes, size_t piece);
bool read_whole(int fd, void *data, size_t bytes, size_t piece);

/* The text without its zero, to be written only. */
struct iovec text_piece(const char *text);

/* Bytes that differ from place to place and from seed to seed, and a sum over them that depends on
 * their order (FNV-1a). */
void fill_with_pattern(unsigned char *data, size_t bytes, uint32_t seed);
uint64_t checksum(const unsigned char *data, size_t bytes);

#endif
