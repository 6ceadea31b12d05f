/* offsets.h - where switch.S and morestack.S find the fields they touch; park.c and segment.c
 * assert every one. */
#ifndef SWITCHYARD_OFFSETS_H
#define SWITCHYARD_OFFSETS_H

#define TASK_SP 0
#define TASK_STACK_LIMIT 8
#define TASK_RESULT 16
#define TASK_SEGMENTS 104
#define PROC_IN_SECTION 0
#define PROC_RELEASE 8
#define PROC_CURRENT 16
#define SEGMENT_TASK 0
#define SEGMENT_NEXT 8
#define SEGMENT_LIMIT 16
#define SEGMENT_BOTTOM 24
#define SEGMENT_BEYOND 32
#define SEGMENT_TOP 40
#define SEGMENT_ROOM 48
#define SEGMENT_LEFT_AT 56
#define SEGMENT_PREVIOUS 64
#define TUNE_NOFPSAVE_BIT 128
#define TUNE_NOFPSAVE_LOG2 7

/* x86-64: from the thread pointer, what gcc's -fsplit-stack compares the stack pointer with; and
 * what makes its next check fail whatever the stack pointer is: the last addresses of the user's
 * half, not beyond it, so that it is larger than all others also as a signed number. */
#define STACK_LIMIT_TLS 0x70
#define STACK_LIMIT_POISON 0x7fffffffffffe000

#endif
