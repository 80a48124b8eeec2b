# Small projects that the tests pack with the release's program, $sealift; lib.sh sources this file.
# shellcheck shell=bash
# shellcheck disable=SC2154 # the scripts assign work and sealift

# manifest FORMAT NAME VERSION DIRECTORY: begins a project of one program, whose files are in DIRECTORY/tree.
manifest() {
    mkdir -p "$4/tree/bin"
    cat >"$4/sealift.toml" <<MANIFEST
targets = ["x86_64-unknown-linux-musl"]
formats = ["$1"]

[package]
name = "$2"
version = "$3"
summary = "greets everybody who asks"
license = "MIT"
maintainer = "A. Person <a@example.org>"

[[files]]
kind = "binary"
source = "bin/$2"
MANIFEST
    add_file license LICENSE 'Permission is hereby granted, free of charge, to anybody.' "$4"
}

# add_file KIND NAME CONTENT DIRECTORY
add_file() {
    printf '\n[[files]]\nkind = "%s"\nsource = "%s"\n' "$1" "$2" >>"$4/sealift.toml"
    echo "$3" >"$4/tree/$2"
}

# package_of PROJECT TARGET OPTION...: packs its tree; a relative path is one below the project.
package_of() {
    local project=$1 target=$2
    shift 2
    (cd "$project" && "$sealift" package --target "$target" --tree tree --date 1700000000 "$@")
}

# pack PROJECT DIRECTORY
pack() {
    mkdir -p "$2"
    package_of "$1" x86_64-unknown-linux-musl --out "$2"
}

# plain FORMAT NAME VERSION DIRECTORY [MORE-OF-THE-TABLE]: packs a program without any configuration.
plain() {
    local project=$work/$2-$3
    manifest "$1" "$2" "$3" "$project"
    printf '#!/bin/sh\necho "%s %s"\n' "$2" "$3" >"$project/tree/bin/$2"
    printf '\n[%s]\n%s\n' "$1" "${5-}" >>"$project/sealift.toml"
    pack "$project" "$4"
}

# witness FORMAT VERSION DIRECTORY SCRIPT...: packs a program whose scripts write down what they are told, and fail if
# there is a file that asks for it.
witness() {
    local format=$1 version=$2 directory=$3 script scripts=
    shift 3
    for script in "$@"; do
        scripts+="$script = \"\"\"
#!/bin/sh
echo \"$version $script \$*\" >>/var/log/witness.log
[ ! -e /etc/fail-$version-$script ]
\"\"\"
"
    done
    plain "$format" witness "$version" "$directory" "[$format.scripts]
$scripts"
}

# related FORMAT DIRECTORY: packs a program with a folder that has subfolders and a link; more of the manifest is read.
related() {
    local project=$work/related
    manifest "$1" related 1.0.0 "$project"
    printf '#!/bin/sh\n' >"$project/tree/bin/related"
    mkdir -p "$project/tree/share/related/deep/deeper"
    echo one >"$project/tree/share/related/one"
    echo two >"$project/tree/share/related/deep/deeper/two"
    ln -s deep/deeper/two "$project/tree/share/related/link"
    printf '\n[[files]]\nkind = "data"\nsource = "share/related/"\n\n' >>"$project/sealift.toml"
    cat >>"$project/sealift.toml"
    pack "$project" "$2"
}

# mac_project FORMAT NAME DIRECTORY: begins a project for macOS with the release's program, $program.
mac_project() {
    manifest "$1" "$2" 1.2.3 "$3"
    sed -i 's/x86_64-unknown-linux-musl/universal2-apple-darwin/' "$3/sealift.toml"
    # shellcheck disable=SC2154 # the scripts that call this assign it
    cp "$program" "$3/tree/bin/$2"
}

# mac_package PROJECT OPTION...
mac_package() {
    local project=$1
    shift
    package_of "$project" universal2-apple-darwin "$@"
}

# windows_project FORMAT VERSION DIRECTORY TEXT: begins a project for Windows with the release's program, which has an
# entry in the start menu, configuration, a file `TEXT.txt`, and one that other versions do not have.
windows_project() {
    mkdir -p "$3/tree/bin"
    cp "$work"/sealift-*-x86_64-pc-windows-gnullvm/sealift.exe "$3/tree/bin/hello.exe"
    cat >"$3/tree/hello.desktop" <<'ENTRY'
[Desktop Entry]
Type=Application
Name=Hello World
Comment=Greets everybody
Exec=hello --help %F
ENTRY
    echo "greeting = \"$2\"" >"$3/tree/hello.toml"
    echo "text of $2" >"$3/tree/$4.txt"
    echo "only in $2" >"$3/tree/only-$2.txt"
    echo 'Permission is hereby granted, free of charge, to anybody.' >"$3/tree/LICENSE"
    cat >"$3/sealift.toml" <<MANIFEST
targets = ["x86_64-pc-windows-gnullvm"]
formats = ["$1"]

[package]
name = "hello"
version = "$2"
summary = "greets everybody who asks"
license = "MIT"
maintainer = "A. Person <a@example.org>"
homepage = "https://example.org/hello"

[[files]]
kind = "binary"
source = "bin/hello.exe"

[[files]]
kind = "license"
source = "LICENSE"

[[files]]
kind = "config"
source = "hello.toml"
destination = "etc/hello.toml"

[[files]]
kind = "desktop"
source = "hello.desktop"
targets = ["windows"]

[[files]]
kind = "data"
source = "$4.txt"
destination = "share/hello/$4.txt"

[[files]]
kind = "data"
source = "only-$2.txt"
destination = "share/only/only-$2.txt"
MANIFEST
}

# windows_packages PROJECT: packs it twice, into `out`, and compares.
windows_packages() {
    package_of "$1" x86_64-pc-windows-gnullvm --out out
    package_of "$1" x86_64-pc-windows-gnullvm --out again
    diff -r "$1/out" "$1/again"
    rm -r "$1/again"
}
