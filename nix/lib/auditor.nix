# A check that needs a program of nixpkgs. In a universe without it the check is left out, with a warning: a project's other
# checks are the same in both.
#
# auditor :: { universe, check, program } -> (derivation with the program -> derivation) -> { <check> : derivation } or { }
{
  universe,
  check,
  program,
}:
make:
if universe.auditors ? ${program} then
  { ${check} = make universe.auditors.${program}; }
else
  builtins.trace
    "sealift: the check `${check}` is left out: the ${universe.name} universe has no ${program}; in the nixpkgs universe it runs"
    { }
