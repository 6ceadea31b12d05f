/* cold_room.h - where the used bytes of hibernated stacks are kept (hibernate.h).
 *
 * A reserved region of chunks; a chunk holds blocks of one size, in steps of 16 bytes up to 1 KiB
 * and of 256 above. Sysmon alone makes blocks and looks after the chunks; whoever restores a stack
 * frees its block, by one bit of the chunk's map: no lock, so that a signal handler may.
 * A chunk without blocks goes back to the system when sysmon sweeps. */
#ifndef SWITCHYARD_COLD_ROOM_H
#define SWITCHYARD_COLD_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COLD_BLOCK_MAX ((size_t)16 << 10) /* bytes */
#define COLD_BLOCK_NONE 0u                /* no block has this number */

/* Address space for so many blocks of usual size. 0 or -ENOMEM. When no worker runs. */
int cold_room_init(uint32_t blocks);
void cold_room_destroy(void);

/* A block for so many bytes, 1 ... COLD_BLOCK_MAX; COLD_BLOCK_NONE: there is no room. Sysmon. */
uint32_t cold_room_new(size_t bytes);

/* From any thread, signal-safe. */
void cold_room_free(uint32_t block);

/* Its bytes. What is before and behind them may be read, too: a page's worth, of any content. */
char *cold_room_bytes(uint32_t block);

/* Gives chunks without blocks back to the system, and finds those with room. Sysmon. */
void cold_room_sweep(void);

/* The memory that chunks with blocks take, as of the last sweep and what was made since. Sysmon. */
size_t cold_room_held(void);

#endif
