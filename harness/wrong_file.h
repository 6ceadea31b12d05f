/* wrong_file.h - the form of wrong.json. */
#ifndef SWITCHYARD_HARNESS_WRONG_FILE_H
#define SWITCHYARD_HARNESS_WRONG_FILE_H

#define WRONG_SCHEMA "switchyard-wrong/1"
#define WRONG_FILE "wrong.json" /* beside the results */

#endif
