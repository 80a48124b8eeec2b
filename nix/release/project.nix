# What Nix needs to know about a project. A check compares it with `sealift plan --json`.
#
# project :: { universe, src, manifest ? "sealift.toml", cargoLock ? null, overrides ? { }, steps ? { }, nativeBuildInputs ? [ ], ociBase ? null, measurements ? [ ] } -> project
#
#   name, version, targets, source, cargoLock
#   origin        where `source` is from (../compile/source.nix); null where that is itself built
#   formatsFor    target -> [ format ]
#   meta          the description and the name of the program, as nixpkgs has them
#   program       the path of the main program, such as "bin/hello"
#   metadata      a store directory with everything that packaging reads besides the programs; an edit recompiles nothing
#   manifest, directory    the manifest, and the project's directory, below `metadata`
#   profile, cargoProfile, gitHashes, macosSymbols     how it is compiled; `build` is the complete table of the manifest
#   tools, environment, nativeBuildInputs              what its builds ask for beyond rustc (../compile/asked.nix)
#   cargoArgsFor  target -> cargo's arguments, for programs and for checks
#   programArgsFor  target -> further arguments, for programs only
#   outDirs       [ { package, pattern } ], what is shipped of what packages' build scripts wrote
#   shipsLicenses whether the licenses of the dependencies are shipped
#   generates     whether the program prints files that are shipped
#   measurements  files of evidence that the gates judge
#   ociBase       the base of container images in place of the manifest's; null: that
#   step          name -> arguments -> arguments, as `steps` has them (../lib/steps.nix)
#
# `src` is a path or a derivation. A derivation is not read here, so it needs a separate `manifest` and `cargoLock`.
# `manifest` is a path below `src`, a file, or a table. `overrides` is merged over it.
{
  universe,
  src,
  manifest ? "sealift.toml",
  cargoLock ? null,
  overrides ? { },
  steps ? { },
  nativeBuildInputs ? [ ],
  ociBase ? null,
  measurements ? [ ],
}:
let
  inherit (builtins)
    concatMap
    filter
    head
    isString
    map
    match
    pathExists
    readFile
    ;
  fail = import ../prelude/fail.nix;

  isBuilt = import ../compile/builders/is-built.nix src;
  root = import ../compile/root.nix src;

  isBeside = isString manifest && match "/.*" manifest == null;
  manifestFile =
    if !isBeside then
      manifest
    else if isBuilt then
      fail "the manifest of a source that is itself built cannot be read while evaluating" "give the file: `manifest = ./sealift.toml;`"
    else if pathExists (root + "/${manifest}") then
      root + "/${manifest}"
    else
      fail "there is no manifest `${manifest}` in `${toString root}`" "write one with `sealift init`, add it to git, or give another with `manifest`";
  # A table is written to a file of its own.
  isTable = builtins.isAttrs manifest && !(manifest ? outPath);
  written = import ../prelude/merge.nix (
    if isTable then manifest else builtins.fromTOML (readFile manifestFile)
  ) overrides;
  # With what is not written, as the program has it.
  build = asWritten // {
    targets = builtins.mapAttrs (
      _name: table:
      {
        features = [ ];
        default-features = null;
      }
      // table
    ) asWritten.targets;
  };
  asWritten = {
    profile = "release";
    cargo-profile = "release";
    features = [ ];
    default-features = true;
    packages = [ ];
    targets = { };
    sources = [ ];
    git-hashes = { };
    macos.symbols = { };
    tools = [ ];
    environment = { };
  }
  // written.build or { }
  // {
    linux-gnu = {
      glibc = glibcs.default;
    }
    // written.build.linux-gnu or { };
  };

  # The nearest directory above the manifest that contains a Cargo.toml, as in `sealift`.
  directory = if isBeside && !isBuilt then nearest (parent manifest) else "";
  parent =
    path:
    let
      parts = match "(.*)/[^/]*" path;
    in
    if parts == null then "" else head parts;
  nearest =
    below:
    if below == "" || pathExists (root + "/${below}/Cargo.toml") then below else nearest (parent below);
  below = path: if directory == "" then path else "${directory}/${path}";

  readToml = path: if !isBuilt && pathExists path then builtins.fromTOML (readFile path) else { };
  cargo = readToml (root + "/${below "Cargo.toml"}");
  workspace = (readToml (root + "/Cargo.toml")).workspace.package or { };
  # What Cargo.toml has of a name, or null.
  cargoField =
    name:
    let
      own = cargo.package.${name} or null;
    in
    if builtins.isAttrs own then workspace.${name} or null else own;
  field =
    name:
    written.package.${name} or (
      if cargoField name != null then
        cargoField name
      else
        fail "the manifest has no `package.${name}`, and there is no Cargo.toml to take it from while evaluating" "write `${name} = \"…\"` below `[package]` in the manifest"
    );

  inherit
    (import ./cargo-arguments.nix {
      inherit
        universe
        written
        build
        isBuilt
        ;
      exists = path: pathExists (root + "/${below path}");
    })
    cargoArgsFor
    programArgsFor
    ;
  inherit
    (import ./cargo-profile.nix {
      inherit build;
      cargo = if isBuilt then null else readToml (root + "/Cargo.toml");
    })
    profile
    cargoProfile
    ;

  files = written.files or [ ];
  programs = filter (file: file.kind == "binary") files;
  isGlob = path: match ".*[*?[].*" path != null;
  # What a rule reads: of a pattern, the directory before the first component with a wildcard; `sealift` selects in it.
  sourceOf =
    file:
    if isGlob file.source then toString (head (match "([^*?[]*/)?.*" file.source)) else file.source;
  program =
    if programs == [ ] || isGlob (head programs).source then
      "bin/${field "name"}"
    else
      (head programs).source;
  glibcs = import ../table/glibc.nix;
  targetFacts = import ../table/targets.nix;
  lock =
    if cargoLock != null then
      cargoLock
    else if isBuilt then
      fail "the Cargo.lock of a source that is itself built cannot be read while evaluating" "give the file: `cargoLock = ./Cargo.lock;`"
    else
      root + "/Cargo.lock";
  origin = import ../compile/source.nix (
    {
      name = "source";
      src = root;
    }
    // (
      if build.sources != [ ] then
        {
          paths = [
            "Cargo.toml"
            "Cargo.lock"
          ]
          ++ build.sources;
        }
      else
        {
          without = [
            "flake.nix"
            "flake.lock"
            "nixw"
            ".envrc"
          ]
          ++ (if isBeside then [ manifest ] else [ ]);
        }
    )
  );
in
{
  name = field "name";
  version = field "version";
  # For people who look at packages in Nix.
  meta = {
    description =
      written.package.summary or (
        let
          description = cargoField "description";
        in
        if description == null then field "name" else description
      );
    mainProgram = baseNameOf program;
  };
  targets = map (import ../prelude/known.nix {
    what = "target";
    known = builtins.attrNames targetFacts;
  }) written.targets;
  formatsFor =
    target:
    let
      inherit (targetFacts.${target}) os libc;
      formats = import ../table/formats.nix;
      known = map (
        import ../prelude/known.nix {
          what = "format";
          known = builtins.attrNames formats;
        }
      );
      # What a target cannot have is skipped only where the list is for all targets.
      isFor =
        format:
        builtins.any (each: each == os || each == libc) formats.${format}
        # With a base there is a C library.
        || (format == "oci" && os == "linux" && hasBase);
      hasBase = ociBase != null || written ? oci.base;
      forAll = filter isFor (known written.formats);
      named = written.formats-for.${target} or (written.formats-for.${os} or null);
    in
    if named == null then forAll else known named;
  inherit program;
  step = name: steps.${name} or (arguments: arguments);
  generates = written ? generate;
  shipsLicenses = builtins.any (file: file.source == "{licenses}") files;

  inherit build;
  inherit
    profile
    cargoProfile
    cargoArgsFor
    programArgsFor
    ;
  outDirs = concatMap (
    file:
    let
      parts = match "[{]out_dir:([^}]*)[}]/(.*[^/])?/*" file.source;
      pattern = head (builtins.tail parts);
    in
    if parts == null then
      [ ]
    else
      [
        {
          package = head parts;
          pattern = if pattern == null then "." else pattern;
        }
      ]
  ) files;
  gitHashes = build.git-hashes;
  # zig would take another one in its place, with a warning that nobody sees.
  glibc =
    let
      inherit (build.linux-gnu) glibc;
      isBetween =
        match "2[.][1-9][0-9]" glibc != null
        && builtins.compareVersions glibc glibcs.oldest >= 0
        && builtins.compareVersions glibc glibcs.newest <= 0;
    in
    if isBetween then
      glibc
    else
      fail "programs cannot be linked for glibc `${glibc}`" "write a version from `${glibcs.oldest}` to `${glibcs.newest}` as `glibc` below `[build.linux-gnu]`";
  macosSymbols = build.macos.symbols or { };
  inherit (build) tools environment;
  inherit nativeBuildInputs ociBase measurements;
  cargoLock = import ../compile/lock.nix {
    inherit lock;
    manifests = if isBuilt then [ ] else [ (root + "/Cargo.toml") ];
  };

  # What compiling reads: everything except files for packaging only, or the list in the manifest.
  source =
    if isBuilt then
      # The crates must come from the lock that cargo reads.
      universe.run {
        name = "source";
        env = {
          inherit src;
          lock = "${lock}";
        };
        script = ''
          cp -R $src $out
          chmod -R u+w $out
          cp $lock $out/Cargo.lock
        '';
      }
    else
      import ../compile/compiler.nix { inherit universe root; } (
        import ./refuse-libraries.nix origin origin.outPath
      );
  origin = if isBuilt then null else origin;

  inherit directory;
  manifest = if isBeside then manifest else "sealift.toml";
  metadata = universe.run {
    name = "metadata";
    env = {
      from =
        if isBuilt then
          src
        else
          import ../compile/source.nix {
            name = "metadata-source";
            src = root;
            paths = [
              "Cargo.toml"
              (below "Cargo.toml")
            ]
            ++ map (file: below (sourceOf file)) files
            ++ (if written ? windows.icon then [ (below written.windows.icon) ] else [ ])
            ++ (if written ? dmg.background then [ (below written.dmg.background) ] else [ ])
            ++ (if ociBase == null && written ? oci.base then [ (below written.oci.base) ] else [ ]);
          };
      written =
        if overrides == { } && !isTable then
          "${manifestFile}"
        else
          builtins.toFile "sealift.toml" (import ../prelude/toml.nix written);
      place = if isBeside then manifest else "sealift.toml";
    };
    script = ''
      cp -R $from $out
      chmod -R u+w $out
      mkdir -p "$(dirname "$out/$place")"
      cp "$written" "$out/$place"
    '';
  };
}
