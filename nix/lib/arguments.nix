# The arguments of a public function: completed with defaults, or refused with a working example.
#
# arguments :: { function, example, known : { <name> : { type, default ? } } } -> given -> arguments
#
# An argument without a default is required. null is accepted if it is the default.
{
  function,
  example,
  known,
}:
given:
let
  inherit (builtins)
    attrNames
    concatStringsSep
    filter
    head
    mapAttrs
    typeOf
    ;
  fail = message: import ../prelude/fail.nix "${function}: ${message}" "for example\n${example}";
  quoted = names: concatStringsSep ", " (map (name: "`${name}`") names);

  unknown = filter (name: !(known ? ${name})) (attrNames given);
  missing = filter (name: !(known.${name} ? default) && !(given ? ${name})) (attrNames known);
  fits =
    name:
    (known.${name}.default or false == null && given.${name} == null)
    || known.${name}.type.is given.${name};
  wrong = filter (name: given ? ${name} && !(fits name)) (attrNames known);
in
if !builtins.isAttrs given then
  fail "expected an attribute set, found ${typeOf given}"
else if unknown != [ ] then
  fail "unknown argument `${head unknown}`; expected one of ${quoted (attrNames known)}"
else if missing != [ ] then
  fail "the argument `${head missing}` is missing; it is ${known.${head missing}.type.what}"
else if wrong != [ ] then
  fail "the argument `${head wrong}` is of the type ${typeOf given.${head wrong}}; expected ${known.${head wrong}.type.what}"
else
  mapAttrs (name: argument: given.${name} or argument.default) known
