# The steps of a release whose arguments a project may change, and what each function is given.
#
# steps :: { <name> : string (for messages) }
#
# Those of the first kind get a crate description, those of the second the arguments of a universe's `run`
# (../universe/README.md has both).
let
  crate = "a crate description";
  run = "the arguments of `universe.run`";
in
{
  vendor = "the derivation with the crates";

  build = crate;
  clippy = crate;
  doc = crate;
  test = crate;

  artifact = run;
  release = run;
  report = run;
  stamp = run;
  symbols = run;
  tree = run;
  universal = run;
}
