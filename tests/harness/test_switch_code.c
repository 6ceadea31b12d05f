/* test_switch_code.c - which registers a switch saves, read from disassemblies of both machines
 * that were made by hand or by objdump, and from the worker that was built. */
#include <string.h>

#include "suites.h"
#include "switch_code.h"

#define HEAD_X86 "w: file format elf64-x86-64\n\n0000000000001000 <sy_switch>:\n"
#define HEAD_ARM "w: file format elf64-littleaarch64\n\n0000000000001000 <sy_switch>:\n"
#define LINE(text) "  1000:\t" text "\n"

/* As the runtime's, with a label within, and a copy of the stack pointer that is stored. */
static const char full_x86[] =
    HEAD_X86 LINE("push   %rbp") LINE("push   %rbx") LINE("push   %r12") LINE("push   %r13") LINE(
        "push   %r14") LINE("push   %r15") LINE("lea    -0x8(%rsp),%rax") LINE("mov    %rax,(%rdi)")
        LINE("sub    $0x8,%rsp") "\n0000000000001016 <sy_resume_common>:\n" LINE("stmxcsr (%rsp)")
            LINE("fnstcw 0x4(%rsp)") LINE("mov    (%rsp),%r8d") LINE("mov    (%rsi),%rsp")
                LINE("mov    %r10,0x8(%rdx)") LINE("xor    (%rsp),%r8d")
                    LINE("jne    1075 <sy_resume_common+0x5f>        # far")
                        LINE("add    $0x8,%rsp") LINE("pop    %r15") LINE("pop    %r14")
                            LINE("pop    %r13") LINE("pop    %r12") LINE("pop    %rbx")
                                LINE("pop    %rbp") LINE("pop    %rcx") LINE("jmp    *%rcx")
                                    LINE("ldmxcsr (%rsp)");

static const char three_x86[] = HEAD_X86 LINE("push   %rbp") LINE("mov    %rsp,(%rdi)")
    LINE("mov    %rsi,%rsp") LINE("pop    %rbp") LINE("ret");

static const char full_arm[] = HEAD_ARM LINE("stp\tx29, x30, [sp, #-48]!")
    LINE("stp\tx19, x20, [sp, #16]") LINE("mrs\tx10, fpcr") LINE("mov\tx9, sp")
        LINE("str\tx10, [sp, #32]") LINE("str\tx9, [x0]") LINE("ldr\tx9, [x1]") LINE("mov\tsp, x9")
            LINE("stlr\twzr, [x11]") LINE("b.ne\t10fc <sy_switch+0xfc>  // b.any")
                LINE("ldp\tx19, x20, [sp, #16]") LINE("ldp\tx29, x30, [sp], #48") LINE("br\tx30");

/* The strings of an array, with blanks between. */
static const char *joined(const json_t *names)
{
    static char text[512];
    size_t i;
    const json_t *name;
    text[0] = '\0';
    json_array_foreach(names, i, name)
    {
        strcat(text, i == 0 ? "" : " ");
        strcat(text, json_string_value(name));
    }
    return text;
}

static void expect_code(const char *text, const char *saved, const char *restored,
                        size_t instructions)
{
    char error[RESULT_ERROR_BYTES] = "";
    json_t *code = switch_code_parse(text, "sy_switch", error);
    ck_assert_msg(code != NULL, "%s", error);
    ck_assert_str_eq(joined(json_object_get(code, "saved")), saved);
    ck_assert_str_eq(joined(json_object_get(code, "restored")), restored);
    ck_assert_uint_eq(json_array_size(json_object_get(code, "instructions")), instructions);
    json_decref(code);
}

START_TEST(test_switch_code_lists_what_is_saved)
{
    expect_code(full_x86, "rip rbp rbx r12 r13 r14 r15 rsp MXCSR x87 control word",
                "rsp r15 r14 r13 r12 rbx rbp rip", 25);
    expect_code(three_x86, "rip rbp rsp", "rsp rbp rip", 5);
    expect_code(full_arm, "x29 x30 x19 x20 fpcr sp", "sp x19 x20 x29 x30", 13);
}
END_TEST

START_TEST(test_switch_code_says_what_each_instruction_does)
{
    char error[RESULT_ERROR_BYTES] = "";
    json_t *code = switch_code_parse(full_x86, "sy_switch", error);
    const json_t *list = json_object_get(code, "instructions");
    const json_t *store = json_array_get(list, 7);
    const json_t *jump = json_array_get(list, 15);
    const json_t *last = json_array_get(list, 24);
    ck_assert_str_eq(json_string_value(json_object_get(store, "text")), "mov %rax,(%rdi)");
    ck_assert_str_eq(json_string_value(json_object_get(store, "saves")), "rsp");
    ck_assert_str_eq(json_string_value(json_object_get(jump, "text")),
                     "jne 1075 <sy_resume_common+0x5f>");
    ck_assert(json_is_null(json_object_get(jump, "restores")));
    ck_assert_str_eq(json_string_value(json_object_get(last, "restores")), "rip");
    json_decref(code);
}
END_TEST

/* A register that was overwritten is not what it was; a word of the thread is one more to save. */
START_TEST(test_switch_code_follows_values)
{
    char error[RESULT_ERROR_BYTES] = "";
    static const char lost[] = HEAD_X86 LINE("xor    %rbx,%rbx") LINE("push   %rbx")
        LINE("mov    %rsp,(%rdi)") LINE("mov    %rsi,%rsp") LINE("pop    %rbx") LINE("ret");
    static const char limit[] =
        HEAD_X86 LINE("mov    %fs:0x70,%rax") LINE("push   %rax") LINE("mov    %rsp,(%rdi)")
            LINE("mov    (%rsi),%rsp") LINE("pop    %rax") LINE("mov    %rax,%fs:0x70") LINE("ret");
    ck_assert_ptr_null(switch_code_parse(lost, "sy_switch", error));
    ck_assert_str_eq(error, "sy_switch: restores a register that it did not save");
    expect_code(limit, "rip %fs:0x70 rsp", "rsp rip", 7);
}
END_TEST

START_TEST(test_switch_code_refuses_what_it_cannot_read)
{
    static const struct {
        const char *text;
        const char *error;
    } wrong[] = {
        {"", "sy_switch: unknown machine code"},
        {"w: file format elf64-x86-64\n", "sy_switch: there is no such function"},
        {HEAD_X86, "sy_switch: its straight path has no end"},
        {HEAD_X86 LINE("ret"), "sy_switch: does not switch stacks"},
        {HEAD_X86 LINE("push %rbp") LINE("mov %rsp,(%rdi)") LINE("mov %rsi,%rsp") LINE("ret"),
         "sy_switch: saves a register that it does not restore"},
        {HEAD_X86 LINE("mov %rsp,(%rdi)") LINE("mov %rsi,%rsp") LINE("jmp 2000 <other>"),
         "sy_switch: does not resume where the other stack says"},
        {HEAD_X86 LINE("mov %rsp,(%rdi)") LINE("mov %rsi,%rsp") LINE("jmp *%rdx"),
         "sy_switch: does not resume where the other stack says"},
        {HEAD_X86 LINE("call 2000 <other>") LINE("ret"),
         "sy_switch: its straight path calls another function"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char error[RESULT_ERROR_BYTES] = "";
        ck_assert_ptr_null(switch_code_parse(wrong[i].text, "sy_switch", error));
        ck_assert_str_eq(error, wrong[i].error);
    }
}
END_TEST

/* The switch that was built saves more than a stack and a place in it, and restores all of that. */
START_TEST(test_switch_code_of_the_worker)
{
    if (GREEN[0] == '\0') {
        return;
    }
    json_t *code = switch_code_read(GREEN, "sy_switch");
    const json_t *problem = json_object_get(code, "problem");
    if (problem != NULL && strstr(json_string_value(problem), "No such file") != NULL) {
        json_decref(code); /* there is no objdump */
        return;
    }
    ck_assert_msg(problem == NULL, "%s", json_string_value(problem));
    ck_assert_uint_gt(json_array_size(json_object_get(code, "instructions")), 10);
    ck_assert_uint_gt(json_array_size(json_object_get(code, "saved")), 3);
    json_decref(code);
    code = switch_code_read("/no/such/worker", "sy_switch");
    ck_assert_ptr_nonnull(json_object_get(code, "problem"));
    json_decref(code);
}
END_TEST

Suite *suite_switch_code(void)
{
    Suite *suite = suite_create("switch_code");
    TCase *tests = tcase_create("switch_code");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_switch_code_lists_what_is_saved);
    tcase_add_test(tests, test_switch_code_says_what_each_instruction_does);
    tcase_add_test(tests, test_switch_code_follows_values);
    tcase_add_test(tests, test_switch_code_refuses_what_it_cannot_read);
    tcase_add_test(tests, test_switch_code_of_the_worker);
    suite_add_tcase(suite, tests);
    return suite;
}
