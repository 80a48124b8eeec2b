#!/bin/sh
# Compares the documentation with the program and the sources, for every claim that a machine can check.
#
# usage: docs.sh PROGRAM CHECKOUT [APPIMAGE-RUNTIME]
#
# PROGRAM is sealift, static as it ships; the runtime is needed if none is embedded in it. Needs the POSIX commands of
# GNU or busybox.
# Exit status: 0 all claims are true, 1 a claim is false, 2 the check could not run.
set -eu
LC_ALL=C
export LC_ALL

cannot() { printf 'docs: %s\n' "$*" >&2; exit 2; }
[ $# -ge 2 ] || cannot "usage: docs.sh PROGRAM CHECKOUT [APPIMAGE-RUNTIME]"
[ -x "$1" ] || cannot "no program \`$1\`"
root=$(cd "$2" && pwd) || cannot "no directory \`$2\`"
work=$(mktemp -d) || cannot "no temporary directory"
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
cp "$1" "$work/bin/sealift"
PATH=$work/bin:$PATH
export PATH
runtime=
if [ $# -ge 3 ]; then
    cp "$3" "$work/runtime" || cannot "no runtime \`$3\`"
    runtime="--appimage-runtime $work/runtime"
fi
target=x86_64-unknown-linux-musl
failed=0
passed=0

ok() { passed=$((passed + 1)); }
wrong() { printf 'docs: %s\n' "$*" >&2; failed=$((failed + 1)); }

# Splits a document's code blocks into files $2/NUMBER.INFO; spaces of the info string become hyphens.
blocks() {
    mkdir -p "$2"
    awk -v out="$2" '
        /^```/ && inside { inside = 0; close(file); next }
        /^```/ {
            info = substr($0, 4); gsub(/ /, "-", info)
            file = sprintf("%s/%03d.%s", out, ++count, info); printf "" >file; inside = 1; next
        }
        inside { print >file }
    ' "$1"
}

has_targets() { awk '/^\[/ { exit } /^targets = / { found = 1 } END { exit !found }' "$1"; }

# Completes a partial manifest: adds what is missing at the top level, in [package] and in [[files]].
whole() {
    has_targets "$1" || printf 'targets = ["%s"]\nformats = ["%s"]\n' "$target" "${2-deb}"
    cat "$1"
    grep -q '^\[package\]' "$1" || printf '[package]\nname = "hello"\nversion = "1.2.3"\nsummary = "greets"\nlicense = "MIT"\nmaintainer = "A <a@example.org>"\n'
    grep -q '^\[\[files\]\]' "$1" || printf '[[files]]\nkind = "binary"\nsource = "bin/hello"\n'
}

# Plans a manifest in a directory of its own; the output is in $work/said.
plan() {
    rm -rf "$work/project"
    mkdir "$work/project"
    cp "$1" "$work/project/sealift.toml"
    # shellcheck disable=SC2086 # the option and its value, or nothing
    (cd "$work/project" && sealift plan --appimage-runtime "$work/bin/sealift") >"$work/said" 2>&1
}

# --- the manifest ---

# Each block of TOML is accepted, or refused with exactly the text of the following block.
manifest_blocks() {
    blocks "$root/docs/manifest.md" "$work/manifest"
    for block in "$work"/manifest/*.toml "$work"/manifest/*.toml-defaults; do
        whole "$block" >"$work/complete.toml"
        if plan "$work/complete.toml"; then ok; else wrong "docs/manifest.md: refused: $(cat "$block" "$work/said")"; fi
    done
    for block in "$work"/manifest/*.toml-refused; do
        next=$(printf '%03d' $(($(basename "$block" | sed 's/^0*//; s/[.].*//') + 1)))
        whole "$block" >"$work/complete.toml"
        plan "$work/complete.toml" && wrong "docs/manifest.md: taken: $(cat "$block")"
        added=2
        ! has_targets "$block" || added=0
        # The error about the partial manifest: added lines before it do not count.
        awk -v added=$added '
            /^error: sealift.toml:[0-9]+:/ { split($2, place, ":"); old = place[2]; new = old - added; sub(":" old ":", ":" new ":") }
            /^  [0-9]+ \| /                { pad = length(old) > length(new); sub(old " ", new " ") }
            /^   +\| /                     { if (pad) sub(/^ /, "") }
            { print }
        ' "$work/said" >"$work/expected"
        if diff "$work/expected" "$work/manifest/$next.text" >"$work/difference"; then ok; else
            wrong "docs/manifest.md: another complaint: $(cat "$block" "$work/difference")"
        fi
    done
}

# Lines `table key` for each key that has a row in the document.
documented_keys() {
    awk -F'`' '
        /^## Top level/ { table = "-"; rows = 1 }
        /^##+ `\[/      { table = $2; gsub(/[][]/, "", table); rows = 1 }
        /^\| kind \|/   { rows = 0 }
        rows && /^\| `/ && table != "" { print table " " $2 }
    ' "$root/docs/manifest.md" | sort
}

# The keys that the program knows in a table: an unknown one makes it list them.
known_keys() {
    case $1 in
    -) printf 'unknown = 0\n' ;;
    files) printf '[[files]]\nunknown = 0\n' ;;
    generate) printf '[[generate]]\nunknown = 0\n' ;;
    gates.waivers) printf '[[gates.waivers]]\nunknown = 0\n' ;;
    *) printf '[%s]\nunknown = 0\n' "$1" ;;
    esac >"$work/part.toml"
    if [ "$1" = - ]; then cp "$work/part.toml" "$work/complete.toml"; else whole "$work/part.toml" >"$work/complete.toml"; fi
    plan "$work/complete.toml" && wrong "an unknown key of \`$1\` is taken"
    # shellcheck disable=SC2016 # the message's own backquotes
    grep -q 'unknown field `unknown`' "$work/said" || wrong "no list of the keys of \`$1\`: $(cat "$work/said")"
    # shellcheck disable=SC2016 # the message's own backquotes
    sed -n 's/.*unknown field `unknown`, expected \(one of \)\{0,1\}//p' "$work/said" | grep -o '`[a-z-]*`' | tr -d '`' | sed "s/^/$1 /"
}

manifest_keys() {
    documented_keys >"$work/documented"
    # Every table of the document and every key that is a table.
    awk -F'`' '/^##+ `\[/ { gsub(/[][]/, "", $2); print $2 }' "$root/docs/manifest.md" | sort >"$work/sections"
    { echo -; cat "$work/sections"; } | while read -r table; do known_keys "$table"; done | sort >"$work/known"
    if diff "$work/documented" "$work/known" >"$work/difference"; then ok; else
        wrong "docs/manifest.md has other keys (<) than the program (>): $(cat "$work/difference")"
    fi
    # Nested tables name their parents; a table of strings has no known keys.
    awk -F'|' '
        /^## Top level/ { table = "" }
        /^##+ `\[/      { split($0, part, "`"); table = part[2]; gsub(/[][]/, "", table); table = table "." }
        $3 ~ /^ (list of tables|table) $/ { key = $2; gsub(/[` ]/, "", key); print table key }
    ' "$root/docs/manifest.md" | sort >"$work/tables"
    if diff "$work/tables" "$work/sections" >"$work/difference"; then ok; else
        wrong "docs/manifest.md: keys that are tables (<) and sections (>) differ: $(cat "$work/difference")"
    fi
}

# The page about the gates is the program's own.
gates() {
    sealift gate list --format markdown >"$work/gates.md"
    if diff "$work/gates.md" "$root/docs/gates.md" >"$work/difference"; then ok; else
        wrong "docs/gates.md is not what \`sealift gate list --format markdown\` prints: $(cat "$work/difference")"
    fi
}

# Writes the package and the release of a manifest to $2: a tree with one program.
make() {
    mkdir -p "$work/tree/bin" "$2"
    printf '#!/bin/sh\necho hello\n' >"$work/tree/bin/hello"
    # shellcheck disable=SC2086 # the option and its value, or nothing
    sealift package --manifest "$1" --source "$work/tree" --target "$target" --tree "$work/tree" --out "$2" $runtime >"$work/packages" 2>"$work/said" ||
        cannot "no packages of $1: $(cat "$work/said")"
    # shellcheck disable=SC2046 # our own paths, without spaces
    sealift release --manifest "$1" --source "$work/tree" --artifact $(cat "$work/packages") --out "$2/release"
}

# Writing the documented defaults explicitly changes no byte.
manifest_defaults() {
    formats='appimage", "archive", "deb", "oci'
    : >"$work/nothing"
    whole "$work/nothing" "$formats" >"$work/plain.toml"
    for block in "$work"/manifest/*.toml-defaults; do cat "$block"; done >"$work/defaults"
    whole "$work/defaults" "$formats" >"$work/explicit.toml"
    make "$work/plain.toml" "$work/plain"
    make "$work/explicit.toml" "$work/explicit"
    if diff -r "$work/plain/release" "$work/explicit/release" >"$work/difference"; then ok; else
        wrong "docs/manifest.md: a default is another one: $(cat "$work/difference")"
    fi
    # A value other than the default makes a difference; otherwise the comparison would prove nothing.
    sed 's/^revision = "1"/revision = "2"/' "$work/defaults" >"$work/others"
    whole "$work/others" "$formats" >"$work/explicit.toml"
    make "$work/explicit.toml" "$work/different"
    if diff -r "$work/plain/release" "$work/different/release" >"$work/difference"; then wrong 'revision 2 of a deb is like revision 1'; else ok; fi
}

# --- the README ---

# The example project: the plan is as shown, and the manual commands run as printed, with a finished program instead of a
# compilation.
readme() {
    blocks "$root/README.md" "$work/readme"
    project=$work/example
    mkdir -p "$project" "$work/stub"
    cp "$work"/readme/*.toml "$project/sealift.toml"
    cp "$root/LICENSE-MIT" "$project/LICENSE"
    (cd "$project" && sealift plan) >"$work/said" 2>&1 || true
    if diff "$work/said" "$(first "$work"/readme/*.text)" >"$work/difference"; then ok; else
        wrong "README.md: the plan is another one: $(cat "$work/difference")"
    fi
    # A sandbox has no /bin/sh.
    printf '%s\n' "#!$(command -v sh)" "mkdir -p target/$target/release" "cp '$work/bin/sealift' target/$target/release/hello" >"$work/stub/cargo"
    chmod +x "$work/stub/cargo"
    if (cd "$project" && PATH=$work/stub:$PATH && sh -eu "$(first "$work"/readme/*.sh)") >"$work/said" 2>&1; then ok; else
        wrong "README.md: the commands by hand fail: $(cat "$work/said")"
    fi
    for name in artifacts release.json SHA256SUMS report.json report.html; do
        if [ -e "$project/release/$name" ]; then ok; else wrong "README.md: no \`$name\` in the release"; fi
        grep -qF "    $name" "$root/README.md" || wrong "README.md does not list \`$name\`"
    done
    # The first screen shows a file of every format and of every target, and none that the release does not have.
    sealift plan --manifest "$root/packaging/sealift.toml" --source "$root" --appimage-runtime "$work/bin/sealift" --json >"$work/own.json"
    awk -F '"' '
        $2 == "target" { target = $4 }
        $2 == "release" { target = "of all targets" }
        $2 == "format" { format = $4 }
        $2 == "file" { print format "\t" target "\t" $4 }
    ' "$work/own.json" >"$work/own"
    [ -s "$work/own" ] || cannot "no file names in the plan"
    head -n 40 "$root/README.md" | sed -n 's/^      \([^ ]*\)  .*/\1/p' >"$work/listed"
    while read -r file; do
        if cut -f 3 "$work/own" | grep -qxF "$file"; then ok; else wrong "README.md: the release has no \`$file\`"; fi
    done <"$work/listed"
    awk -F '\t' 'NR == FNR { listed[$1]; next } { formats[$1]; targets[$2] } $3 in listed { shown[$1]; at[$2] }
        END { for (each in formats) if (!(each in shown)) print "the format " each
              for (each in targets) if (!(each in at)) print each }' "$work/listed" "$work/own" >"$work/missing"
    if [ -s "$work/missing" ]; then wrong "README.md: the first screen has no file for: $(cat "$work/missing")"; else ok; fi
    # Every command has its row.
    # shellcheck disable=SC2016 # Markdown's own backquotes
    for command in $(sealift --help | awk '/^Commands:/ { on = 1; next } /^$/ { on = 0 } on && $1 != "help" { print $1 }'); do
        if grep -qF "| \`sealift $command\` |" "$root/README.md"; then ok; else wrong "README.md: no row for \`sealift $command\`"; fi
    done
}

first() { printf '%s\n' "$1"; }

# --- places ---

# Packages have the files of the example where docs/places.md says.
places() {
    # shellcheck disable=SC2086 # options are words
    sh "$root/checks/places.sh" "$work/bin/sealift" $runtime >"$work/places" || cannot "the packages of the example cannot be made"
    awk '/^```/ { inside = !inside; next } inside' "$root/docs/places.md" >"$work/documented"
    if diff "$work/documented" "$work/places" >"$work/difference"; then ok; else
        wrong "docs/places.md is not what checks/places.sh prints: $(cat "$work/difference")"
    fi
}

# --- what is quoted ---

# The code of the worked example is that of the test, ignoring indentation.
quoted_code() {
    blocks "$root/docs/adding-a-format.md" "$work/format"
    sed 's/^ *//' "$root/tests/adding_a_format.rs" >"$work/source"
    for block in "$work"/format/*.rust; do
        sed 's/^ *//' "$block" >"$work/quoted"
        if awk 'FNR == NR { all = all $0 "\n"; next } { part = part $0 "\n" } END { exit !index(all, part) }' "$work/source" "$work/quoted"; then ok; else
            wrong "docs/adding-a-format.md: not in tests/adding_a_format.rs: $(cat "$block")"
        fi
    done
}

# The examples in Nix are those that the check `lib` evaluates.
quoted_nix() {
    blocks "$root/docs/distributors.md" "$work/nix"
    for block in "$work"/nix/*.nix-evaluated; do
        [ -e "$block" ] || { wrong 'docs/distributors.md has no example that is evaluated' && return; }
        found=
        for file in "$root"/checks/examples/*.nix; do
            # The first line names what the example is given.
            ! sed 1d "$file" | cmp -s - "$block" || found=1
        done
        if [ -n "$found" ]; then ok; else wrong "docs/distributors.md: not in checks/examples: $(cat "$block")"; fi
    done
}

# Every message of the troubleshooting table is in the wrapper or in what it calls; `…` matches variable parts.
quoted_messages() {
    find "$root/nixw" "$root/nix" \( -name nixw -o -name '*.nix' -o -name '*.sh' -o -name '*.py' \) -exec cat {} + >"$work/source"
    # shellcheck disable=SC2016 # Markdown's own backquotes
    sed -n '/^## Messages/,$s/^| `\([^`]*\)` |.*/\1/p' "$root/docs/nixw.md" >"$work/messages"
    [ -s "$work/messages" ] || wrong "docs/nixw.md: no messages"
    sed 's/…/\n/g' "$work/messages" | while read -r fragment; do
        [ -z "$fragment" ] || grep -qF -e "$fragment" "$work/source" || printf '%s\n' "$fragment"
    done >"$work/difference"
    if [ -s "$work/difference" ]; then wrong "docs/nixw.md: nothing says: $(cat "$work/difference")"; else ok; fi
    # Every variable that is read is documented.
    grep -oh 'SEALIFT_[A-Z_]*[A-Z]' "$root/nixw" | sort -u >"$work/variables"
    while read -r variable; do
        if grep -qF "\`$variable\`" "$root/docs/nixw.md"; then ok; else wrong "docs/nixw.md: nothing on $variable"; fi
    done <"$work/variables"
}

# A copy of the wrapper uses the crate of its own version.
wrapper_version() {
    version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -n 1)
    if grep -qFx "sealift_version=$version" "$root/nixw"; then ok; else wrong "nixw does not name version $version"; fi
}

# Every test that the pages on security and on nfpm name is there.
named_tests() {
    for document in docs/security.md docs/nfpm.md; do
        # Names may stand in the line after their file's.
        tr '\n' ' ' <"$root/$document" | grep -oE '`[a-z0-9/_.-]+: [a-z_-]+`' | tr -d '`' >"$work/named"
        [ -s "$work/named" ] || wrong "$document names no tests"
        while read -r file name; do
            file=${file%:}
            case $file in
            *.rs) grep -q "fn $name()" "$root/$file" ;;
            *) grep -q "^test_$(printf %s "$name" | tr - _)()" "$root/checks/acceptance/$file.sh" ;;
            esac || printf '%s: %s\n' "$file" "$name"
        done <"$work/named" >"$work/difference" 2>&1
        if [ -s "$work/difference" ]; then wrong "$document: no such test: $(cat "$work/difference")"; else ok; fi
    done
}

# Every link to a file of the repository leads somewhere.
links() {
    (
        cd "$root"
        for document in README.md CHANGELOG.md SECURITY.md docs/*.md; do
            grep -oE '\]\([^):]*\)' "$document" | sed 's/^](//; s/)$//; s/#.*//' | while read -r link; do
                [ -e "$(dirname "$document")/$link" ] || printf '%s: %s\n' "$document" "$link"
            done
        done
    ) >"$work/difference"
    if [ -s "$work/difference" ]; then wrong "links that lead nowhere: $(cat "$work/difference")"; else ok; fi
}

manifest_blocks
manifest_keys
manifest_defaults
gates
readme
places
quoted_code
quoted_nix
quoted_messages
wrapper_version
named_tests
links
echo "docs: $passed hold, $failed do not"
[ "$failed" -eq 0 ]
