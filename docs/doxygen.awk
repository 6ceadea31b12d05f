# doxygen.awk - our plain comments, as Doxygen wants them.
#
# The first comment of a file is about the file. A comment in column 1 belongs to what follows; of
# several declarations that follow without a blank line, to each. A comment behind a member belongs
# to it. A macro without a comment of its own is internal and left out. A headline is of the first
# structure below it that has no comment. What a handle or an opaque object holds is said here.

function escape(text) {
    gsub(/[<>#@\\]/, "\\\\&", text)
    return text
}

# The comment that began in column 1, now complete.
function finish_comment() {
    inside = 0
    fresh = 1
    if (!about_file) {
        about_file = 1
        printf "/** @file\n%s*/\n", comment
        comment = ""
        fresh = 0
    } else if (comment ~ /^ *---/) {
        headline = comment
        gsub(/---+/, "", headline)
        comment = ""
        fresh = 0
    }
}

function begin_comment(line) {
    inside = 1
    comment = ""
    add_to_comment(substr(line, 3))
}

function add_to_comment(line) {
    done = line ~ /\*\/$/
    sub(/ *\*\/$/, "", line)
    sub(/^ \*/, "", line)
    if (line ~ /^  +-E/) line = "\n" line # a list of errors: a line each
    comment = comment escape(line) "\n"
    if (done) finish_comment()
}

function tell() {
    if (comment != "") printf "/** %s*/\n", comment
    fresh = 0
}

inside {add_to_comment($0); next}
/^\/\*/ {begin_comment($0); next}

# A member or a constant with its comment behind it, which may go on in the next lines.
continued {
    continued = $0 !~ /\*\/$/
    text = $0
    sub(/^ *\* ?/, " ", text)
    print continued ? escape(text) : escape(substr(text, 1, length(text) - 2)) "*/"
    next
}
/[;,{] *\/\* / || /^#define.*\/\* / {
    at = index($0, "/* ")
    continued = $0 !~ /\*\/$/
    text = substr($0, at + 3)
    print substr($0, 1, at - 1) "/**< " (continued ? escape(text) : escape(substr(text, 1, length(text) - 2)) "*/")
    comment = ""
    next
}

/^#define/ {
    keep = fresh
    if (keep) tell()
    skipping = !keep
}
skipping {
    skipping = /\\$/
    next
}

/^$/ {comment = ""; fresh = 0; print; next}

# A declaration in column 1.
/^[A-Za-z_]/ && !/^extern "C"/ && !/^#/ {if (in_body == 0) tell()}
/^typedef struct/ && comment == "" && headline != "" {
    printf "/** %s*/\n", headline
    headline = ""
}
/^(struct|enum|typedef (struct|enum)).*\{$/ {in_body = 1}
/^\}/ {in_body = 0}
/^ +uint64_t id;$/ {sub(/;$/, "; /**< slot and generation; 0: none */")}
/sy_opaque\[/ {sub(/;$/, "; /**< not for the caller */")}
{print}
