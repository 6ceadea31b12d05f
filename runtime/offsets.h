/* offsets.h - where switch.S finds the fields it touches; park.c asserts every one. */
#ifndef SWITCHYARD_OFFSETS_H
#define SWITCHYARD_OFFSETS_H

#define TASK_SP 0
#define TASK_STACK_LIMIT 8
#define TASK_RESULT 16
#define PROC_IN_SECTION 0
#define PROC_RELEASE 8
#define TUNE_NOFPSAVE_BIT 128
#define TUNE_NOFPSAVE_LOG2 7

#endif
