/* hello - starts a task and waits for what it returns. */
#include <stdio.h>

#include <switchyard/switchyard.h>

static void *greet(void *name)
{
    printf("hello, %s\n", (const char *)name);
    return name;
}

static int first_task(void *arg)
{
    sy_task task;
    void *result = NULL;
    char name[] = "world";
    (void)arg;
    if (sy_spawn(&task, greet, name) < 0) {
        return 1;
    }
    sy_join(task, &result);
    printf("the task returned what it got: %s\n", result == name ? "yes" : "no");
    return 0;
}

int main(void)
{
    return sy_run(NULL, first_task, NULL);
}
