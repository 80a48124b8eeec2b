# A manifest in TOML, for values that did not come from a file: one line per top-level key, tables in braces.
#
# toml :: attribute set -> string
#
#   toml { formats = [ "deb" ]; package.name = "hello"; }
#   => "formats = [\"deb\"]\npackage = { name = \"hello\" }\n"
let
  inherit (builtins)
    attrNames
    concatStringsSep
    isAttrs
    isList
    map
    match
    toJSON
    ;
  key = name: if match "[A-Za-z0-9_-]+" name == null then toJSON name else name;
  pairs = table: map (name: "${key name} = ${value table.${name}}") (attrNames table);
  # Numbers, booleans and strings are the same in TOML as in JSON, whose escapes are a subset.
  value =
    each:
    if isAttrs each then
      "{ ${concatStringsSep ", " (pairs each)} }"
    else if isList each then
      "[${concatStringsSep ", " (map value each)}]"
    else
      toJSON each;
in
table: concatStringsSep "" (map (line: "${line}\n") (pairs table))
