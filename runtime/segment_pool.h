/* segment_pool.h - where segments come from: mappings of their own, and a few small ones that are
 * kept, since most tasks that ever leave their slot go no further than that. */
#ifndef SWITCHYARD_SEGMENT_POOL_H
#define SWITCHYARD_SEGMENT_POOL_H

#include "segment.h"

#define SEGMENT_HEADROOM ((size_t)32 << 10)
#define SEGMENT_BYTES_MIN ((size_t)128 << 10)
#define SEGMENT_SPARE_MAX 8 /* kept, of SEGMENT_BYTES_MIN each */

/* Address space of `mapped` bytes and more (a power of two), so that it holds so many bytes of
 * frames with headroom, header and guard. NULL if the kernel refuses. There is room for another
 * struct segment below its header. */
struct segment *segment_take(size_t bytes, size_t mapped);

void segment_give(struct segment *segment);

/* Gives back to the kernel what is kept. Anywhere. */
void segment_pool_trim(void);

/* Address space that all segments take now, those that are kept included. */
size_t segment_pool_bytes(void);

#endif
