/* plot_text.c - numbers and strings as people read them. */
#include "plot_text.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* How many bytes the UTF-8 character at s takes; 0 if it is not valid. */
static size_t character_bytes(const unsigned char *s)
{
    if (s[0] < 0x80) {
        return 1;
    }
    size_t length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return length;
}

/* Takes a cut character off the end. */
static void trim_cut_character(char *s)
{
    size_t end = strlen(s);
    size_t start = end;
    while (start > 0 && ((unsigned char)s[start - 1] & 0xc0) == 0x80) {
        start--;
    }
    if (start > 0 && (unsigned char)s[start - 1] >= 0xc0) {
        start--;
    }
    if (start < end && character_bytes((const unsigned char *)s + start) == 0) {
        s[start] = '\0';
    }
}

void text_format(char *out, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(out, size, format, args);
    va_end(args);
    trim_cut_character(out);
}

void text_append(char *out, size_t size, const char *format, ...)
{
    size_t used = strlen(out);
    va_list args;
    va_start(args, format);
    vsnprintf(out + used, size - used, format, args);
    va_end(args);
    trim_cut_character(out);
}

void text_clean(char *out, size_t size, const char *in)
{
    const unsigned char *s = (const unsigned char *)(in == NULL ? "" : in);
    size_t used = 0;
    while (*s != '\0') {
        size_t length = character_bytes(s);
        if (used + (length > 0 ? length : 1) >= size) {
            break;
        }
        if (length == 0 || *s < 0x20 || *s == 0x7f) {
            out[used++] = ' ';
            s++;
        } else if (*s == '"' || *s == '\\') {
            out[used++] = *s == '"' ? '\'' : '/';
            s++;
        } else {
            memcpy(out + used, s, length);
            used += length;
            s += length;
        }
    }
    out[used] = '\0';
}

/* Copies a plain decimal number with commas between the groups of its whole part. */
static void group_digits(struct text_number *number, const char *plain)
{
    size_t whole = strcspn(plain, ".");
    size_t first = plain[0] == '-' ? 1 : 0;
    size_t used = 0;
    for (size_t i = 0; plain[i] != '\0' && used + 2 < sizeof number->s; i++) {
        if (i > first && i < whole && (whole - i) % 3 == 0) {
            number->s[used++] = ',';
        }
        number->s[used++] = plain[i];
    }
    number->s[used] = '\0';
}

static struct text_number grouped(double value, int decimals)
{
    char plain[64];
    struct text_number number;
    if (!isfinite(value) || fabs(value) > 1e30) {
        text_format(number.s, sizeof number.s, "–");
        return number;
    }
    text_format(plain, sizeof plain, "%.*f", decimals, value);
    if (strspn(plain, "-0.") == strlen(plain)) {
        text_format(plain, sizeof plain, "0"); /* no "-0" */
    }
    group_digits(&number, plain);
    return number;
}

struct text_number text_significant(double value)
{
    if (value == 0.0 || !isfinite(value)) {
        return grouped(value, 0);
    }
    /* The digits that are printed decide: 9.996 is 10.0, not 10.00. */
    char exponent[32];
    text_format(exponent, sizeof exponent, "%.2e", value);
    int magnitude = 0;
    const char *e = strchr(exponent, 'e');
    if (e != NULL) {
        sscanf(e + 1, "%d", &magnitude);
    }
    int decimals = magnitude >= 2 ? 0 : 2 - magnitude;
    return grouped(value, decimals > 12 ? 12 : decimals);
}

struct text_number text_count(double value)
{
    return grouped(value, 0);
}

static struct text_number with_unit(double value, const char *unit)
{
    struct text_number number = text_significant(value);
    if (isfinite(value)) {
        text_append(number.s, sizeof number.s, " %s", unit);
    }
    return number;
}

struct text_number text_ns(double ns)
{
    double size = fabs(ns);
    if (size >= 999.5e6) {
        return with_unit(ns / 1e9, "s");
    }
    if (size >= 999.5e3) {
        return with_unit(ns / 1e6, "ms");
    }
    if (size >= 999.5) {
        return with_unit(ns / 1e3, "µs");
    }
    return with_unit(ns, "ns");
}

struct text_number text_bytes(double bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
    if (!isfinite(bytes) || fabs(bytes) < 99999.5) {
        struct text_number number = grouped(bytes, 0);
        if (isfinite(bytes)) {
            text_append(number.s, sizeof number.s, " B");
        }
        return number;
    }
    size_t unit = 0;
    double value = bytes / 1024;
    while (fabs(value) >= 1023.5 && unit + 1 < sizeof units / sizeof units[0]) {
        value /= 1024;
        unit++;
    }
    return with_unit(value, units[unit]);
}

struct text_number text_quantity(double value, const char *unit)
{
    char clean[32];
    text_clean(clean, sizeof clean, unit);
    if (strcmp(clean, "ns") == 0) {
        return text_ns(value);
    }
    if (strcmp(clean, "B") == 0 || strcmp(clean, "bytes") == 0) {
        return text_bytes(value);
    }
    if (strcmp(clean, "us") == 0 || strcmp(clean, "µs") == 0) {
        return text_ns(value * 1e3);
    }
    if (strcmp(clean, "ms") == 0) {
        return text_ns(value * 1e6);
    }
    if (strcmp(clean, "s") == 0) {
        return text_ns(value * 1e9);
    }
    return strcmp(clean, "1") == 0 ? text_significant(value) : with_unit(value, clean);
}

struct text_number text_ratio(double ratio)
{
    struct text_number number = text_significant(ratio);
    if (isfinite(ratio)) {
        text_append(number.s, sizeof number.s, "×");
    }
    return number;
}

struct text_number text_interval(struct interval interval, const char *unit)
{
    struct text_number number = text_quantity(interval.value, unit);
    if (isfinite(interval.value) && interval.low < interval.high) {
        text_append(number.s, sizeof number.s, " (%s – %s)", text_quantity(interval.low, unit).s,
                    text_quantity(interval.high, unit).s);
    }
    return number;
}

struct text_number text_measured(struct interval interval, const char *unit, size_t processes)
{
    struct text_number number = text_quantity(interval.value, unit);
    if (!isfinite(interval.value)) {
        return number;
    }
    if (processes < 2) {
        text_append(number.s, sizeof number.s, " (n = 1)");
        return number;
    }
    text_append(number.s, sizeof number.s, " (%s – %s)", text_quantity(interval.low, unit).s,
                text_quantity(interval.high, unit).s);
    return number;
}

struct text_number text_span(size_t least, size_t most)
{
    struct text_number text;
    if (least < most) {
        text_format(text.s, sizeof text.s, "%zu – %zu", least, most);
    } else {
        text_format(text.s, sizeof text.s, "%zu", most);
    }
    return text;
}

struct text_number text_processes(size_t least, size_t most)
{
    struct text_number text = text_span(least, most);
    text_append(text.s, sizeof text.s, " process%s", most == 1 ? "" : "es");
    return text;
}

void text_write_xml(FILE *file, const char *s)
{
    for (; *s != '\0'; s++) {
        switch (*s) {
        case '&':
            fputs("&amp;", file);
            break;
        case '<':
            fputs("&lt;", file);
            break;
        case '>':
            fputs("&gt;", file);
            break;
        case '"':
            fputs("&quot;", file);
            break;
        case '\'':
            fputs("&#39;", file);
            break;
        default:
            fputc(*s, file);
        }
    }
}

void text_write_markdown(FILE *file, const char *s)
{
    for (; *s != '\0'; s++) {
        if (strchr("\\`*_{}[]<>|#~@!", *s) != NULL) {
            fputc('\\', file);
        }
        fputc((unsigned char)*s < 0x20 ? ' ' : *s, file);
    }
}

size_t text_width(const char *s)
{
    size_t characters = 0;
    for (; *s != '\0'; s++) {
        characters += ((unsigned char)*s & 0xc0) == 0x80 ? 0 : 1;
    }
    return characters;
}

/* A number and its unit stay together: "7.36 ms", "85 %". */
static bool may_break(const char *line, const char *space)
{
    bool number = space > line && space[-1] >= '0' && space[-1] <= '9';
    static const char *const units[] = {"ns", "µs", "ms", "s", "B", "KiB", "MiB", "GiB", "%"};
    for (size_t i = 0; number && i < sizeof units / sizeof units[0]; i++) {
        size_t length = strlen(units[i]);
        if (strncmp(space + 1, units[i], length) == 0 &&
            strchr(" ,;:.)", space[1 + length]) != NULL) {
            return false;
        }
    }
    return true;
}

const char *text_wrap(char *line, size_t width)
{
    size_t characters = 0;
    char *space = NULL;
    for (char *s = line; *s != '\0'; s++) {
        if (((unsigned char)*s & 0xc0) == 0x80) {
            continue;
        }
        if (*s == ' ' && characters <= width && may_break(line, s)) {
            space = s;
        }
        characters++;
    }
    if (characters <= width || space == NULL) {
        return "";
    }
    *space = '\0';
    return space + 1;
}
