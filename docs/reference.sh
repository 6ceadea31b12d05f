#!/bin/bash
# reference.sh FOLDER - writes the reference of the API as FOLDER/html/index.html, from the comments
# of the headers, with Doxygen. Anything that Doxygen warns of is an error: exit status 1.
set -u
[ $# -eq 1 ] || { echo "usage: reference.sh FOLDER" >&2; exit 2; }
mkdir -p "$1" || exit 1
folder=$(readlink -f "$1")
cd "$(dirname "$(readlink -f "$0")")/.." || exit 1
printf '@INCLUDE = docs/Doxyfile\nOUTPUT_DIRECTORY = "%s"\n' "$folder" | doxygen -
