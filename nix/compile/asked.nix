# What a project's builds ask for beyond rustc: tools, variables, and whatever derivations its flake gives.
#
# asked :: parts -> { target, tools ? [ ], environment ? { }, nativeBuildInputs ? [ ], … } -> { packages, environment }
#
#   packages      derivations with bin/
#   environment   variables, those of the tools first, so that the project's own count
#
# It is for every derivation that runs a build script: those of the dependencies, those of the programs, tests, and the shell.
{
  name,
  run,
  buildTools,
  targets,
  zig,
  ...
}:
{
  target,
  tools ? [ ],
  environment ? { },
  nativeBuildInputs ? [ ],
  ...
}:
let
  inherit (builtins)
    attrNames
    concatMap
    concatStringsSep
    elem
    filter
    foldl'
    map
    replaceStrings
    ;
  fail = import ../prelude/fail.nix;
  known = import ../prelude/known.nix {
    what = "tool";
    known = import ../table/tools.nix;
  };
  listed = concatStringsSep ", " (map (each: "`${each}`") (attrNames buildTools));
  lacks =
    wanted:
    fail "the ${name} universe has no tool `${wanted}`, which `[build] tools` asks for" "it has ${listed}; another universe or `nativeBuildInputs` can have others";
  tool = wanted: buildTools.${known wanted} or (lacks wanted);
  chosen = map tool tools;

  headers = import ./headers.nix { inherit zig targets; };
  # libclang's own search would find the headers of this machine, or none. Build scripts that make bindings for the target read
  # the variable of its name, and those for programs of the build itself that of the host's.
  bindgen = triple: {
    name = "BINDGEN_EXTRA_CLANG_ARGS_${replaceStrings [ "-" ] [ "_" ] triple}";
    value = concatStringsSep " " (
      [
        # Where it is loaded from does not lead it to its own headers.
        "-resource-dir=${buildTools.libclang.resources}"
        "-nostdlibinc"
      ]
      # libclang refuses the name that Rust has for it.
      ++ (
        if builtins.match ".*-windows-gnullvm" triple == null then
          [ ]
        else
          [
            "--target=${replaceStrings [ "gnullvm" ] [ "gnu" ] triple}"
            "-ivfsoverlay"
            (toString (import ./any-case.nix { inherit run zig; }))
          ]
      )
      ++ concatMap (directory: [
        "-idirafter"
        directory
      ]) (headers triple)
    );
  };
  # These are the build's own programs; where none is, the platform's compiler makes them.
  own = filter (triple: targets.${triple} ? link) (attrNames targets);
  ofBindgen =
    if elem "libclang" tools then builtins.listToAttrs (map bindgen ([ target ] ++ own)) else { };
in
{
  packages = map (tool: tool.package) chosen ++ nativeBuildInputs;
  environment = foldl' (all: tool: all // tool.environment) { } chosen // ofBindgen // environment;
}
