#!/usr/bin/env bash
# Holds the rule of what may import what in src/.
#
#     checks/imports.sh [SRC]
#
# A folder (or a file at the root of SRC) is a room. It imports only rooms that `allowed` names, each of which has its line
# above: so no circle of imports can cross a room. Imports of tests do not count. Prints each import that breaks the rule,
# and ends with 1 where there is one, with 2 where the rule itself is wrong.
set -euo pipefail
src=${1:-src}
[ -d "$src" ] || { echo "imports: no directory \`$src\`" >&2; exit 2; }

# ROOM: the rooms that it may import.
allowed='
output:
frameworks:
model: output frameworks
event: model
evidence: model output
process: model
http:
container: model output
program: model output
format: model output container program
catalog: model output format container
measure: model output evidence format
gate: model output event evidence format container program frameworks
page: model output gate
project: model output format catalog gate program
pipeline: model output event format catalog gate project program container
init: model output format program project pipeline
doctor: model output
registry: model event http format
diff: model output evidence format program
parity: model output evidence process project
check: evidence process
soak: model output evidence http
'

# Each import as ROOM IMPORTED FILE:LINE.
imports() {
    find "$src" -name '*.rs' ! -path '*/testing/*' ! -name 'testing.rs' ! -name 'tests.rs' | sort | while read -r file; do
        awk -v room="$(room "$file")" -v file="$file" '
            /^mod tests \{/ { exit }
            /^ *\/\// { next }
            {
                line = $0
                while (match(line, /(crate|sealift)::[a-z_]+/)) {
                    name = substr(line, RSTART, RLENGTH)
                    sub(/^.*::/, "", name)
                    if (name != room) print room, name, file ":" FNR
                    line = substr(line, RSTART + RLENGTH)
                }
            }' "$file"
    done
}

room() {
    local path=${1#"$src"/}
    path=${path%%/*}
    printf %s "${path%.rs}"
}

imports | sort -u | awk -v allowed="$allowed" '
    BEGIN {
        count = split(allowed, lines, "\n")
        for (i = 1; i <= count; i++) {
            words = split(lines[i], word, /[: ]+/)
            if (word[1] == "") continue
            known[word[1]] = 1
            for (j = 2; j <= words; j++) {
                if (word[j] == "") continue
                if (!(word[j] in known) || word[j] == word[1]) {
                    printf "imports: `%s` may import `%s`, which has no line above it\n", word[1], word[j]
                    wrong = 2
                }
                may[word[1], word[j]] = 1
            }
        }
    }
    # The program sees the library from outside, and all of it.
    $1 == "cli" || $1 == "main" || $1 == "lib" { next }
    { seen++ }
    !($1 in known) { printf "%s: the room `%s` has no line in checks/imports.sh\n", $3, $1; wrong = wrong ? wrong : 1; next }
    !(($1, $2) in may) { printf "%s: `%s` imports `%s`; it may not\n", $3, $1, $2; wrong = wrong ? wrong : 1 }
    END {
        if (!seen) { print "imports: no import was found"; exit 2 }
        if (wrong) exit wrong
        printf "imports: %d imports of rooms keep the rule\n", seen
    }'
