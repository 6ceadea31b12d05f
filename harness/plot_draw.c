/* plot_draw.c - draws a prepared figure.
 *
 * gnuplot runs in the output folder on NAME.gp, which reads NAME.dat: two names that are fixed in
 * the program. Nothing from the results is on its command line or in its script.
 */
#include "plot_draw.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plot_file.h"
#include "plot_text.h"
#include "target.h"

#define STYLE "style.gp"
#define MESSAGES "gnuplot.messages" /* what gnuplot says, while it runs */
#define UNFINISHED ".part"          /* behind the names of drawings, while it runs */

static bool holds_scripts(const char *folder)
{
    char path[PATH_MAX];
    text_format(path, sizeof path, "%s/" STYLE, folder);
    return access(path, R_OK) == 0;
}

/* ../plots, seen from the folder of this program: so it is in the build tree and installed. */
static void beside_program(char *folder, size_t size)
{
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(program, '/');
    if (slash != NULL) {
        *slash = '\0';
    }
    text_format(folder, size, "%s/../plots", program);
}

int draw_find_scripts(char *folder, size_t size)
{
    const char *told = getenv("SWITCHYARD_PLOTS");
    if (told != NULL && told[0] != '\0') {
        text_format(folder, size, "%s", told);
        return holds_scripts(folder) ? 0 : -ENOENT;
    }
    beside_program(folder, size);
    if (holds_scripts(folder)) {
        return 0;
    }
    text_format(folder, size, "%s", SWITCHYARD_PLOTS_FOLDER);
    return holds_scripts(folder) ? 0 : -ENOENT;
}

int draw_make_folder(const char *path)
{
    char part[PATH_MAX];
    text_format(part, sizeof part, "%s", path);
    for (char *slash = part + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        if (mkdir(part, 0777) < 0 && errno != EEXIST) {
            return -errno;
        }
        *slash = '/';
    }
    if (mkdir(part, 0777) < 0 && errno != EEXIST) {
        return -errno;
    }
    return 0;
}

static int complain(char error[DRAW_ERROR_BYTES], int status, const char *path)
{
    text_format(error, DRAW_ERROR_BYTES, "%s: %s", path, target_problem(status));
    return status;
}

static int copy_script(const char *scripts, const char *folder, const char *name,
                       char error[DRAW_ERROR_BYTES])
{
    char path[PATH_MAX];
    char *data;
    size_t size;
    text_format(path, sizeof path, "%s/%s", scripts, name);
    int status = file_read(path, &data, &size);
    if (status < 0) {
        return complain(error, status, path);
    }
    text_format(path, sizeof path, "%s/%s", folder, name);
    status = file_write(path, data, size);
    free(data);
    return status < 0 ? complain(error, status, path) : 0;
}

static void remove_file(const char *folder, const char *name, const char *extension)
{
    char path[PATH_MAX];
    text_format(path, sizeof path, "%s/%s%s", folder, name, extension);
    unlink(path);
}

void draw_remove(const struct figure *figure, const char *folder)
{
    static const char *const extensions[] = {".dat", ".gp", ".svg", ".png"};
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++) {
        remove_file(folder, figure->name, extensions[i]);
    }
}

int draw_write(const struct figure *figure, const char *scripts, const char *folder,
               const char *data, size_t size, char error[DRAW_ERROR_BYTES])
{
    char path[PATH_MAX];
    text_format(path, sizeof path, "%s/%s.dat", folder, figure->name);
    int status = file_write(path, data, size);
    if (status < 0) {
        return complain(error, status, path);
    }
    status = copy_script(scripts, folder, STYLE, error);
    if (status < 0) {
        return status;
    }
    text_format(path, sizeof path, "%s.gp", figure->name);
    return copy_script(scripts, folder, path, error);
}

/* Starts gnuplot in the folder, its own settings files left out, its output into MESSAGES. */
static int spawn_gnuplot(const char *script, const char *folder, pid_t *child)
{
    char *arguments[] = {(char[]){"gnuplot"}, (char[]){"--default-settings"},
                         (char[]){"-e"},      (char[]){"SUFFIX = '" UNFINISHED "'"},
                         strdup(script),      NULL};
    posix_spawn_file_actions_t actions;
    if (arguments[4] == NULL) {
        return -ENOMEM;
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, folder);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, MESSAGES,
                                     O_WRONLY | O_CREAT | O_TRUNC, 0666);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    int status = posix_spawnp(child, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    free(arguments[4]);
    return -status;
}

/* The first line that gnuplot wrote about what went wrong. */
static void first_message(const char *folder, char *line, size_t size)
{
    char path[PATH_MAX];
    char *data;
    size_t length;
    text_format(path, sizeof path, "%s/" MESSAGES, folder);
    line[0] = '\0';
    if (file_read(path, &data, &length) < 0) {
        return;
    }
    const char *start = data + strspn(data, " \t\n^");
    text_format(line, size, "%.*s", (int)strcspn(start, "\n"), start);
    free(data);
}

static int run_gnuplot(const struct figure *figure, const char *folder,
                       char error[DRAW_ERROR_BYTES])
{
    char script[PATH_MAX];
    pid_t child;
    int wait_status;
    text_format(script, sizeof script, "%s.gp", figure->name);
    int status = spawn_gnuplot(script, folder, &child);
    if (status < 0) {
        remove_file(folder, MESSAGES, "");
        text_format(error, DRAW_ERROR_BYTES,
                    status == -ENOENT ? "gnuplot is not installed (apt-get install gnuplot-nox); "
                                        "all data and scripts for it are in %s"
                                      : "gnuplot cannot be started in %s",
                    folder);
        return status;
    }
    while (waitpid(child, &wait_status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(wait_status) || WEXITSTATUS(wait_status) != 0) {
        char message[DRAW_ERROR_BYTES / 2];
        first_message(folder, message, sizeof message);
        text_format(error, DRAW_ERROR_BYTES, "gnuplot failed on %s/%s: %s", folder, script,
                    message);
        remove_file(folder, figure->name, ".svg" UNFINISHED);
        remove_file(folder, figure->name, ".png" UNFINISHED);
        status = -EIO;
    }
    remove_file(folder, MESSAGES, "");
    return status;
}

/* Replaces what stands between two marks of gnuplot's SVG by a text. */
static const char *replace_between(FILE *out, const char *in, const char *open, const char *close,
                                   const char *text)
{
    const char *start = strstr(in, open);
    const char *end = start == NULL ? NULL : strstr(start, close);
    if (end == NULL) {
        return in;
    }
    start += strlen(open);
    fwrite(in, 1, (size_t)(start - in), out);
    text_write_xml(out, text);
    return end;
}

static int finish_png(const struct figure *figure, const char *folder)
{
    char from[PATH_MAX];
    char to[PATH_MAX];
    text_format(from, sizeof from, "%s/%s.png" UNFINISHED, folder, figure->name);
    text_format(to, sizeof to, "%s/%s.png", folder, figure->name);
    return rename(from, to) < 0 ? -errno : 0;
}

/* gnuplot calls every drawing "Gnuplot": screen readers shall read the conclusion instead. */
static int describe_svg(const struct figure *figure, const struct figure_text *text,
                        const char *folder)
{
    char path[PATH_MAX];
    char *data;
    char *described = NULL;
    size_t size;
    text_format(path, sizeof path, "%s/%s.svg" UNFINISHED, folder, figure->name);
    int status = file_read(path, &data, &size);
    if (status < 0) {
        return status;
    }
    FILE *out = open_memstream(&described, &size);
    if (out == NULL) {
        free(data);
        return -ENOMEM;
    }
    const char *rest = replace_between(out, data, "<title>", "</title>", text->title);
    rest = replace_between(out, rest, "<desc>", "</desc>", text->alt);
    fputs(rest, out);
    text_format(path, sizeof path, "%s/%s.svg", folder, figure->name);
    status = fclose(out) == 0 ? file_write(path, described, size) : -ENOMEM;
    remove_file(folder, figure->name, ".svg" UNFINISHED);
    free(described);
    free(data);
    return status;
}

int draw_run(const struct figure *figure, const struct figure_text *text, const char *folder,
             char error[DRAW_ERROR_BYTES])
{
    int status = run_gnuplot(figure, folder, error);
    if (status < 0) {
        return status;
    }
    status = describe_svg(figure, text, folder);
    if (status == 0) {
        status = finish_png(figure, folder);
    }
    return status < 0 ? complain(error, status, figure->name) : 0;
}
