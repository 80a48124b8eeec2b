# Compiles by cargo itself, with nothing between it and Nix.
#
# cargo :: parts -> { build, test, clippy, doc, fmt }
parts:
let
  inherit (parts)
    run
    toolchain
    vendor
    environment
    ;
  skeletons = import ./skeletons.nix { inherit run; };

  # Prepares cargo in a sandbox. The source is a writable copy with fresh times: the store's are all equal, and cargo
  # would take the workspace's crates for unchanged.
  setup = crate: src: circumstances: ''
    umask ${circumstances.umask}
    # Not LC_ALL: every bash would warn of a locale that the sandbox does not have.
    unset LC_ALL
    export LANG=${circumstances.locale} TZ=${circumstances.timezone} USER=${circumstances.user}
    ${
      if circumstances.cores == null then
        "export CARGO_BUILD_JOBS=$NIX_BUILD_CORES"
      else
        "export CARGO_BUILD_JOBS=${toString circumstances.cores}"
    }
    mkdir -p $NIX_BUILD_TOP/${circumstances.directory}
    cd $NIX_BUILD_TOP/${circumstances.directory}
    export CARGO_HOME=$PWD/cargo-home CARGO_TARGET_DIR=$PWD/target CARGO_TERM_QUIET=true
    mkdir -p $CARGO_HOME
    cp ${vendor crate}/config.toml $CARGO_HOME/
    export CARGO_NET_OFFLINE=true
    cp -R ${src} source
    chmod -R u+w source
    find source -type f -exec touch {} +
    cd source
    # The build directory is known here and not before: without a sandbox it is another one every time.
    for variable in ''${!CARGO_TARGET_@} ''${!CFLAGS_@} ''${!CXXFLAGS_@}; do
      case $variable in
        *_RUSTFLAGS) prefix=--remap-path-prefix ;;
        CFLAGS_* | CXXFLAGS_*) prefix=-ffile-prefix-map ;;
        *) continue ;;
      esac
      export $variable="''${!variable} $prefix=$PWD=/source $prefix=$CARGO_TARGET_DIR=/target"
    done
    # What the linker said is what matters of a long log, so it is said again at its end.
    trap 'status=$?; [ $status = 0 ] || [ ! -e $NIX_BUILD_TOP/.link-error ] || cat $NIX_BUILD_TOP/.link-error >&2; exit $status' EXIT
  '';

  # cargo's own words for "not newer than the lock": an outdated Cargo.lock must fail and not be mended in the sandbox.
  locked = "--locked --offline";

  make =
    {
      crate,
      name,
      src,
      script,
      env ? { },
      standard ? [ crate.target ],
    }:
    let
      circumstances = import ../circumstances.nix (crate.variation or null);
      asked = parts.asked crate;
    in
    run {
      inherit name;
      tools = [ (toolchain.build standard) ] ++ parts.host or [ ] ++ asked.packages;
      env =
        environment {
          inherit (crate) target;
          glibc = crate.glibc or (import ../../../table/glibc.nix).default;
          profile = crate.profile or "release";
          cargoProfile = crate.cargoProfile or "release";
          rustflags = crate.rustflags or [ ];
          remap = [ "${vendor crate}=/cargo" ] ++ (parts.remap or [ ]);
          stubs = parts.stubs crate;
        }
        // asked.environment
        // env;
      script = setup crate src circumstances + script;
    };

  # What the workspace's own crates and its programs read.
  environmentOf = crate: (crate.env or { }) // (crate.programEnv or { });

  arguments =
    crate: builtins.concatStringsSep " " (crate.cargoArgs or [ ] ++ crate.programArgs or [ ]);
  profile =
    crate:
    import ../../cargo-profile.nix {
      profile = crate.profile or "release";
      cargoProfile = crate.cargoProfile or "release";
    };
  # Values of a profile are quoted, for cargo and again for the shell.
  ofProfile =
    crate:
    builtins.concatStringsSep " " (
      map (word: if builtins.match "--[a-z]*" word == null then "'${word}'" else word)
        (profile crate).arguments
    );
  ofWorkspace = crate: builtins.concatStringsSep " " (import ../of-workspace.nix crate);

  # cargo takes the workspace's crates for built unless their traces are gone.
  keepDependencies = ''
    cd $CARGO_TARGET_DIR
    mkdir $out
    for member in $(sed -n 's/^name *= *"\(.*\)"/\1/p' $(find ../source -name Cargo.toml) | sort -u); do
      find . -name "$member-*" -path '*/.fingerprint/*' -prune -exec rm -r {} +
    done
    find . -name incremental -prune -exec rm -r {} +
    cp -a . $out/
  '';

  # Nothing of a source that is itself built can be read while Nix evaluates, so it is compiled in one go.
  isBuilt = crate: import ../is-built.nix crate.src;

  useDependencies =
    dependencies: crate:
    if isBuilt crate then
      ""
    else
      ''
        cp -a ${dependencies crate} $CARGO_TARGET_DIR
        chmod -R u+w $CARGO_TARGET_DIR
      '';

  # The workspace's libraries are compiled without its programs, so that an edit in a program's root compiles the
  # program alone, as it does outside. What they do not compile here, for whatever reason, the build itself compiles and
  # explains.
  releaseLibraries =
    crate: skeleton:
    make {
      inherit crate;
      env = crate.env or { };
      name = "${crate.pname}-libraries";
      src = skeleton;
      script = ''
        ${useDependencies releaseDependencies crate}
        cargo build ${locked} ${ofProfile crate} ${arguments crate} || echo "left to the whole build"
        cd $CARGO_TARGET_DIR
        # The dependencies came with the store's time.
        find . -type f ! -newer ${skeleton} -exec rm {} +
        cp -a . $out
      '';
    };

  # What is as it was when the libraries were compiled gets the store's time, which is theirs, too.
  useLibraries =
    crate:
    let
      skeleton = skeletons.libraries crate.origin;
    in
    if isBuilt crate || skeleton == null then
      ""
    else
      ''
        # Some are there already, for the empty libraries, and `cp` would not replace those that have two names.
        (
          cd ${releaseLibraries crate skeleton}
          find . -type f -exec sh -c 'for file; do rm -f "$CARGO_TARGET_DIR/$file"; done' sh {} +
          cp -a . $CARGO_TARGET_DIR/
        )
        chmod -R u+w $CARGO_TARGET_DIR
        find . -type f | while IFS= read -r file; do
          if cmp -s "$file" "${skeleton}/$file"; then
            touch -r "${skeleton}/$file" "$file"
          fi
        done
        # Build scripts can depend on directories, too.
        find . -type d | while IFS= read -r directory; do
          if [ -d "${skeleton}/$directory" ] && [ "$(ls -A "$directory")" = "$(ls -A "${skeleton}/$directory")" ]; then
            touch -r "${skeleton}/$directory" "$directory"
          fi
        done
      '';

  # Procedural macros and build scripts run on this machine, whatever the target is, so they are compiled once for all of
  # them, and do not wait for a standard library. cargo cannot be asked for them alone: it is asked for everything, and of
  # a target that cannot be compiled for nothing is kept. Whatever is missing afterwards, the next step compiles and explains.
  hostDependencies =
    crate:
    let
      target = import ../../../table/host.nix parts.system;
      under = builtins.replaceStrings [ "-" ] [ "_" ] target;
      nothing = name: {
        inherit name;
        value = "false";
      };
    in
    make {
      crate = crate // {
        inherit target;
      };
      name = "${crate.pname}-host-dependencies";
      src = skeletons.dependencies crate.origin;
      standard = [ ];
      env =
        builtins.listToAttrs (
          map nothing [
            "AR"
            "AR_${under}"
            "CARGO_TARGET_${import ../../../prelude/upper.nix under}_LINKER"
            "CC_${under}"
            "CMAKE_TOOLCHAIN_FILE_${under}"
            "CXX_${under}"
            "RANLIB"
            "RANLIB_${under}"
          ]
        )
        # openssl would be configured for minutes before it misses a compiler.
        // (if builtins.elem "perl" (crate.tools or [ ]) then { PERL = "false"; } else { });
      script = ''
        cargo build ${locked} ${ofProfile crate} --keep-going ${arguments crate} >log 2>&1 || echo "the rest is left to each target"
        mkdir -p $CARGO_TARGET_DIR
        rm -rf $CARGO_TARGET_DIR/${target}
        ${keepDependencies}
      '';
    };

  releaseDependencies =
    crate:
    make {
      inherit crate;
      name = "${crate.pname}-dependencies";
      src = skeletons.dependencies crate.origin;
      script = ''
        ${useDependencies hostDependencies crate}
        cargo build ${locked} ${ofProfile crate} ${arguments crate}
        ${keepDependencies}
      '';
    };

  # One for tests, clippy and docs: they share build scripts and procedural macros.
  developmentDependencies =
    crate:
    make {
      inherit crate;
      name = "${crate.pname}-development-dependencies";
      src = skeletons.dependencies crate.origin;
      script = ''
        cargo test ${locked} --no-run ${ofWorkspace crate}
        cargo check ${locked} --all-targets ${ofWorkspace crate}
        ${keepDependencies}
      '';
    };

  withDependencies =
    dependencies: crate: what: env: script:
    make {
      inherit crate env;
      name = "${crate.pname}-${what}";
      inherit (crate) src;
      script = useDependencies dependencies crate + script;
    };
in
{
  build =
    crate:
    let
      outDirs = import ../out-dirs.nix crate;
      messages =
        if outDirs.outputs == { } then "" else " --message-format=json-render-diagnostics >../messages";
    in
    withDependencies releaseDependencies crate crate.version (environmentOf crate // outDirs.outputs) ''
      ${useLibraries crate}
      cargo build ${locked} ${ofProfile crate} ${arguments crate}${messages}
      ${outDirs.script "../messages"}mkdir -p $out/bin
      find $CARGO_TARGET_DIR/${crate.target}/${(profile crate).name} -maxdepth 1 -type f -perm -u+x ! -name '*.so' ! -name '*.d' \
        -exec cp {} $out/bin/ \;
      chmod 755 $out/bin/*
    '';

  test =
    crate:
    withDependencies developmentDependencies crate "test" (environmentOf crate) ''
      cargo test ${locked} --no-fail-fast ${ofWorkspace crate} 2>&1 | tee log
      passed=$(sed -n 's/^test result: ok\. \([0-9]*\) passed.*/\1/p' log | awk '{ sum += $1 } END { print sum + 0 }')
      if [ "$passed" -eq 0 ]; then
        echo "no test ran" >&2
        exit 1
      fi
      cp log $out
    '';

  clippy =
    crate:
    withDependencies developmentDependencies crate "clippy" (environmentOf crate) ''
      cargo clippy ${locked} --all-targets ${ofWorkspace crate} -- --deny warnings 2>&1 | tee $out
    '';

  doc =
    crate:
    withDependencies developmentDependencies crate "doc"
      (environmentOf crate // { RUSTDOCFLAGS = "--deny warnings"; })
      ''
        cargo doc ${locked} --no-deps ${ofWorkspace crate}
        cp -R $CARGO_TARGET_DIR/${crate.target}/doc $out
      '';

  fmt =
    { src, ... }:
    run {
      name = "fmt";
      tools = [ (toolchain.build [ ]) ];
      script = ''
        cp -R ${src} source
        cd source
        cargo fmt --all --check
        touch $out
      '';
    };
}
