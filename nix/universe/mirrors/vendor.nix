# Unpacks the crates of a Cargo.lock as cargo directory sources.
#
# vendor :: { cargoLock : path, gitHashes ? { }, … } -> derivation
#
# It holds one directory per crate of the registry, those from git below `.repositories/`, one directory per
# repository, and config.toml, which leads cargo to all of them.
{ run, fetchSeed, ... }:
{
  cargoLock,
  gitHashes ? { },
  ...
}:
let
  inherit (builtins)
    attrNames
    concatStringsSep
    elemAt
    filter
    groupBy
    head
    length
    map
    match
    replaceStrings
    substring
    ;
  packages = (builtins.fromTOML (builtins.readFile cargoLock)).package or [ ];
  # The workspace's own packages have no source.
  external = filter (package: package ? source) packages;
  isGit = package: match "git\\+.*" package.source != null;
  registered = filter (package: !(isGit package)) external;

  crate =
    package:
    fetchSeed {
      name = "${package.name}-${package.version}.crate";
      sha256 =
        package.checksum
          or (throw "${toString cargoLock}: package `${package.name}` has no checksum; expected one of a registry, or of git");
    };

  # `git+ADDRESS?branch=NAME#COMMIT`, as Cargo.lock writes it; the question mark's part can be missing.
  repository =
    source: members:
    let
      parts = match "git\\+([^?#]*)([?](branch|tag|rev)=([^#]*))?#([0-9a-f]*)" source;
      address = elemAt parts 0;
      revision = elemAt parts 4;
      base = elemAt (match "(.*/)?([^/]+)/*" address) 1;
      short = if match ".*[.]git" base == null then base else head (match "(.*)[.]git" base);
      # The seeding script makes the same name.
      clean = concatStringsSep "-" (
        filter builtins.isString (builtins.split "[^0-9A-Za-z+._?=-]+" short)
      );
    in
    {
      files = fetchSeed {
        name = "git-${clean}-${substring 0 12 revision}";
        recursive = true;
        sha256 =
          gitHashes.${source} or (throw ''
            ${toString cargoLock} has the git dependency `${source}`, and the manifest no hash of it
            hint: `./nixw seed` says what to write below [build.git-hashes]'');
      };
      settings = ''
        git = "${address}"
      ''
      + (
        if elemAt parts 2 == null then
          ""
        else
          ''
            ${elemAt parts 2} = "${replaceStrings [ "%2F" "%2f" ] [ "/" "/" ] (elemAt parts 3)}"
          ''
      );
      members = concatStringsSep " " (map (package: "${package.name}:${package.version}") members);
    };
  byRepository = groupBy (package: package.source) (filter isGit external);
  repositories = map (source: repository source byRepository.${source}) (attrNames byRepository);
  each =
    number:
    let
      one = elemAt repositories number;
    in
    ''
      unpack_repository ${toString number} ${one.files} ${one.members}
      cat >>$out/config.toml <<'END'
      [source.from-git-${toString number}]
      ${one.settings}replace-with = "git-${toString number}"
      END
      printf '[source.git-${toString number}]\ndirectory = "%s"\n' $out/.repositories/${toString number} >>$out/config.toml
    '';
in
run {
  name = "vendor";
  env = {
    crates = map crate registered;
    checksums = map (package: package.checksum) registered;
  };
  script = ''
    mkdir $out
    printf '[source.crates-io]\nreplace-with = "vendor"\n[source.vendor]\ndirectory = "%s"\n' $out >$out/config.toml
    set -- $checksums
    for crate in $crates; do
      tar -xzf $crate -C $out
      name=''${crate##*/}
      name=''${name#*-}
      printf '{"files":{},"package":"%s"}' $1 >$out/''${name%.crate}/.cargo-checksum.json
      shift
    done

    # manifest_of REPOSITORY NAME: the manifest of the package with this name.
    manifest_of() {
      find $1 -name Cargo.toml | sort | while read -r manifest; do
        named=$(awk -F'"' '/^\[/ { inside = /^\[package\]/ } inside && /^name *=/ { print $2 }' "$manifest")
        [ "$named" != $2 ] || { echo "$manifest" && break; }
      done
    }
    # unpack_repository NUMBER FILES NAME:VERSION...
    unpack_repository() {
      directory=$out/.repositories/$1 files=$2
      shift 2
      mkdir -p $directory
      # A workspace's members inherit fields from its manifest, which cargo looks for in the directories above them.
      awk '/^\[/ { inside = /^\[workspace[].]/ } inside' $files/Cargo.toml >workspace.toml
      [ ! -s workspace.toml ] || cp workspace.toml $directory/Cargo.toml
      for member; do
        manifest=$(manifest_of $files ''${member%%:*})
        [ -n "$manifest" ] || { echo "$files has no package ''${member%%:*}" >&2 && exit 1; }
        cp -R ''${manifest%/Cargo.toml} $directory/''${member%%:*}-''${member#*:}
        chmod -R u+w $directory/''${member%%:*}-''${member#*:}
        printf '{"files":{},"package":null}' >$directory/''${member%%:*}-''${member#*:}/.cargo-checksum.json
      done
    }
    ${concatStringsSep "" (builtins.genList each (length repositories))}
  '';
}
