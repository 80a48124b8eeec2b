# The builder or toolchain of a universe by its name, or a message that says what there is.
#
# choose :: { kind, table, universe, wanted } -> value of the table
#
#   kind      "builder" | "toolchain"
#   table     every one there is, by name
#   universe  { name, builders, toolchains :: [ string ], … }, the first of each list its default
#   wanted    string, or null for the default
{
  kind,
  table,
  universe,
  wanted,
}:
let
  here = universe."${kind}s";
  quoted = names: builtins.concatStringsSep ", " (map (name: "`${name}`") names);
  other = if universe.name == "mirrors" then "nixpkgs" else "mirrors";
in
if wanted == null then
  table.${builtins.head here}
else if builtins.elem wanted here then
  table.${wanted}
else if table ? ${wanted} then
  throw ''
    the ${universe.name} universe has no ${kind} `${wanted}`, only: ${quoted here}
    hint: leave `${kind}` out to get `${builtins.head here}`, or build in the universe that has `${wanted}`: SEALIFT_UNIVERSE=${other} ./nixw …''
else
  throw ''
    there is no ${kind} `${wanted}`
    hint: this universe, ${universe.name}, has: ${quoted here}; all: ${quoted (builtins.attrNames table)}''
