# The types of arguments, with their descriptions for error messages.
#
# types :: { <name> : { what : string, is : value -> bool } }
let
  inherit (builtins)
    all
    attrValues
    isAttrs
    isBool
    isFunction
    isList
    isPath
    isString
    ;
  listOf = what: is: {
    what = "a list of ${what}";
    is = value: isList value && all is value;
  };
  derivations = listOf "derivations" (value: isAttrs value && value ? outPath);
in
{
  text = {
    what = "a text";
    is = isString;
  };
  texts = listOf "texts" isString;
  bool = {
    what = "true or false";
    is = isBool;
  };
  table = {
    what = "an attribute set";
    is = isAttrs;
  };
  # A flake's `self` and a derivation have an outPath; a string is a store path.
  source = {
    what = "a path, a flake's `self` or a derivation";
    is = value: isPath value || isString value || (isAttrs value && value ? outPath);
  };
  file = {
    what = "a path";
    is = value: isPath value || isString value || (isAttrs value && value ? outPath);
  };
  files = listOf "paths" (
    value: isPath value || isString value || (isAttrs value && value ? outPath)
  );
  manifest = {
    what = "a path, or the manifest's tables as an attribute set";
    is = value: isPath value || isString value || isAttrs value;
  };
  flake = {
    what = "the flake's `self`";
    is = isAttrs;
  };
  package = {
    what = "a derivation with `bin/`";
    is = value: isAttrs value && value ? outPath;
  };
  function = {
    what = "a function";
    is = isFunction;
  };
  functions = {
    what = "an attribute set of functions";
    is = value: isAttrs value && all isFunction (attrValues value);
  };
  # What depends on the system is given as a function.
  perSystem = {
    what = "an attribute set, or a function from `{ system, universe, pkgs, project, release, ... }` to one";
    is = value: isAttrs value || isFunction value;
  };
  tool = {
    what = "a derivation with `bin/`, or a function from targets to one";
    is = value: isFunction value || (isAttrs value && value ? outPath);
  };
  toolchain = {
    what = "a name, a table with `channel`, a table with `rustc` and `cargo`, or a derivation that has both";
    is = value: isString value || isAttrs value || isFunction value;
  };
  inherit derivations;
  buildInputs = {
    what = "a list of derivations with `bin/`, or a function from the system to one";
    is = value: isFunction value || derivations.is value;
  };
  packages = {
    what = "an attribute set of derivations with `bin/`";
    is = value: isAttrs value && all (each: isAttrs each && each ? outPath) (attrValues value);
  };
}
