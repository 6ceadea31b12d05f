/* number_text.h - numbers of JSON, read quickly: results hold millions of them. */
#ifndef SWITCHYARD_HARNESS_NUMBER_TEXT_H
#define SWITCHYARD_HARNESS_NUMBER_TEXT_H

/* Reads the number at `text`, which must end before a byte that cannot be part of a number; the
 * same double as strtod gives, to the last bit. Answers where it ends; NULL if what stands there is
 * no JSON number, or not one that jansson would take (an integer beyond 64 bits, a real number
 * beyond a double). */
const char *number_read(const char *text, double *number);

#endif
