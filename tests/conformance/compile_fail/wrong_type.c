/* wrong_type.c - must not compile, once for each macro that -DUSE= names; with -DRIGHT it must. */
#include <switchyard/switchyard.h>

#define USE_send sy_send(numbers, value)
#define USE_try_send sy_try_send(numbers, value)
#define USE_send_until sy_send_until(numbers, value, SY_FOREVER)
#define USE_recv sy_recv(numbers, &value)
#define USE_try_recv sy_try_recv(numbers, &value)
#define USE_recv_until sy_recv_until(numbers, &value, SY_FOREVER)
#define USE_case_recv try_one((struct sy_case)sy_case_recv(numbers, &value))
#define USE_case_send try_one((struct sy_case)sy_case_send(numbers, &value))
#define PASTE(a, b) a##b
#define CALL(name) PASTE(USE_, name)

#ifdef RIGHT
typedef int value_type;
#else
typedef long value_type;
#endif

int use(void);

static inline int try_one(struct sy_case one)
{
    return sy_try_select(&one, 1);
}

int use(void)
{
    SY_CHAN(int) numbers = {.chan = {0}};
    value_type value = 1;
    return CALL(USE);
}
