/* stack_policy.c - see stack_policy.h. */
#include "stack_policy.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/output.h"
#include "hibernate.h"

#define COLD_AFTER (100 * SY_MILLISECOND)

static const char refused[] =
    "SWITCHYARD_STACK: hibernate needs userfaultfd(2) and guards without mappings (Linux 6.13), "
    "and no sanitizer; stacks are lazy instead\n";

struct stack_policy stack_policy = {.kind = SY_STACK_LAZY, .cold_after = COLD_AFTER};

static const struct {
    const char *word;
    enum sy_stack_policy kind;
} words[] = {{"lazy", SY_STACK_LAZY}, {"fixed", SY_STACK_FIXED}, {"hibernate", SY_STACK_HIBERNATE}};

/* SY_STACK_DEFAULT if there is no such word. */
static enum sy_stack_policy kind_of(const char *word, size_t length)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strlen(words[i].word) == length && memcmp(words[i].word, word, length) == 0) {
            return words[i].kind;
        }
    }
    return SY_STACK_DEFAULT;
}

/* Milliseconds as a time; 0 if the text is no number in range. */
static sy_time delay_of(const char *text)
{
    sy_time number = 0;
    for (; *text >= '0' && *text <= '9' && number <= SY_COLD_AFTER_MAX / SY_MILLISECOND; text++) {
        number = 10 * number + (*text - '0');
    }
    number *= SY_MILLISECOND;
    return *text == '\0' && number <= SY_COLD_AFTER_MAX ? number : 0;
}

static void read_environment(struct stack_policy *policy)
{
    const char *text = getenv("SWITCHYARD_STACK");
    if (text == NULL || *text == '\0') {
        return;
    }
    size_t length = strcspn(text, "=");
    enum sy_stack_policy kind = kind_of(text, length);
    sy_time delay = policy->cold_after;
    if (text[length] == '=') {
        delay = kind == SY_STACK_HIBERNATE ? delay_of(&text[length + 1]) : 0;
    }
    if (kind == SY_STACK_DEFAULT || delay == 0) {
        sy_fatal("SWITCHYARD_STACK: unknown policy \"%.64s\"; there are lazy, fixed, hibernate, "
                 "hibernate=MS (1 ... %d)",
                 text, (int)(SY_COLD_AFTER_MAX / SY_MILLISECOND));
    }
    policy->kind = kind;
    policy->cold_after = delay;
}

int stack_policy_choose(const struct sy_config *config)
{
    struct stack_policy policy = {.kind = SY_STACK_LAZY, .cold_after = COLD_AFTER};
    bool configured = config->stack_policy != SY_STACK_DEFAULT;
    if (configured) {
        policy.kind = (enum sy_stack_policy)config->stack_policy;
    } else {
        read_environment(&policy);
    }
    if (config->cold_after != 0) {
        policy.cold_after = config->cold_after;
    }
    if (policy.kind == SY_STACK_HIBERNATE && !hibernate_is_possible()) {
        if (configured) {
            return -EOPNOTSUPP;
        }
        output_write(STDERR_FILENO, refused, sizeof refused - 1);
        policy.kind = SY_STACK_LAZY;
    }
    stack_policy = policy;
    return 0;
}
