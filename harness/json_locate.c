/* json_locate.c - see json_locate.h. The text has been parsed before, so this only finds its way
 * through brackets, commas and strings; at whatever it does not expect it stops where it is. */
#include "json_locate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct walk {
    const char *text;
    size_t bytes;
    size_t at;
};

static char here(const struct walk *walk)
{
    return walk->at < walk->bytes ? walk->text[walk->at] : '\0';
}

static void skip_blanks(struct walk *walk)
{
    while (walk->at < walk->bytes && strchr(" \t\r\n", walk->text[walk->at]) != NULL &&
           walk->text[walk->at] != '\0') {
        walk->at++;
    }
}

/* From one quote to behind the other. */
static void skip_string(struct walk *walk)
{
    walk->at++;
    while (walk->at < walk->bytes && walk->text[walk->at] != '"') {
        walk->at += walk->text[walk->at] == '\\' ? 2 : 1;
    }
    walk->at++;
}

/* To behind the value: brackets are only counted, for they are known to match. */
static void skip_value(struct walk *walk)
{
    size_t depth = 0;
    skip_blanks(walk);
    do {
        char c = here(walk);
        if (c == '"') {
            skip_string(walk);
        } else {
            depth += c == '[' || c == '{';
            depth -= (c == ']' || c == '}') && depth > 0;
            walk->at++;
        }
        skip_blanks(walk);
    } while (walk->at < walk->bytes && (depth > 0 || strchr(",]}", walk->text[walk->at]) == NULL));
}

/* From a bracket into its first element. False if there is none. */
static bool enter(struct walk *walk, char bracket)
{
    skip_blanks(walk);
    if (here(walk) != bracket) {
        return false;
    }
    walk->at++;
    skip_blanks(walk);
    return here(walk) != ']' && here(walk) != '}';
}

/* From an element to the next. */
static bool next(struct walk *walk)
{
    skip_value(walk);
    if (here(walk) != ',') {
        return false;
    }
    walk->at++;
    skip_blanks(walk);
    return true;
}

/* Stands at a key: is it this one? Goes on to its value. */
static bool key_is(struct walk *walk, const char *name, size_t length)
{
    size_t start = walk->at + 1;
    skip_string(walk);
    bool same = walk->at < walk->bytes && walk->at - 1 - start == length &&
                memcmp(walk->text + start, name, length) == 0;
    skip_blanks(walk);
    walk->at += here(walk) == ':';
    skip_blanks(walk);
    return same;
}

static bool find_member(struct walk *walk, const char *name, size_t length)
{
    bool more = enter(walk, '{');
    while (more) {
        if (key_is(walk, name, length)) {
            return true;
        }
        more = next(walk);
    }
    return false;
}

static bool find_element(struct walk *walk, unsigned long index)
{
    bool more = enter(walk, '[');
    for (unsigned long i = 0; more && i < index; i++) {
        more = next(walk);
    }
    return more;
}

size_t json_locate(const char *text, size_t bytes, const char *path)
{
    struct walk walk = {text, bytes, 0};
    skip_blanks(&walk);
    bool found = true;
    while (found && path[0] != '\0') {
        struct walk before = walk;
        if (path[0] == '[') {
            char *end;
            unsigned long index = strtoul(path + 1, &end, 10);
            found = find_element(&walk, index);
            path = end[0] == ']' ? end + 1 : end;
        } else {
            path += path[0] == '.';
            size_t length = strcspn(path, ".[");
            found = length > 0 && find_member(&walk, path, length);
            path += length;
        }
        walk = found ? walk : before;
    }
    return walk.at < bytes ? walk.at : bytes;
}

/* Is the byte one of a UTF-8 character after its first? */
static bool continues(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

void json_line_and_column(const char *text, size_t position, size_t *line, size_t *column)
{
    *line = 1;
    *column = 1;
    while (position > 0 && continues(text[position])) {
        position--;
    }
    for (size_t i = 0; i < position; i++) {
        if (text[i] == '\n') {
            ++*line;
            *column = 1;
        } else {
            *column += !continues(text[i]);
        }
    }
}
