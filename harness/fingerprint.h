/* fingerprint.h - short marks by which the same plan and the same programs are known again. They
 * find accidents, not forgery. */
#ifndef SWITCHYARD_HARNESS_FINGERPRINT_H
#define SWITCHYARD_HARNESS_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

#define FINGERPRINT_EMPTY UINT64_C(0xcbf29ce484222325)
#define FINGERPRINT_BYTES 17 /* as text, with its zero */

/* The mark of what `mark` stands for, followed by these bytes. */
uint64_t fingerprint_add(uint64_t mark, const void *bytes, size_t count);

/* The mark of a file's content. -errno. */
int fingerprint_file(const char *path, uint64_t *mark);

/* As 16 hexadecimal digits. */
void fingerprint_text(uint64_t mark, char text[FINGERPRINT_BYTES]);

#endif
