# A name that a table has, or an error that lists the table.
#
# known :: { what : string, known : [ string ] } -> string -> string
{ what, known }:
name:
if builtins.elem name known then
  name
else
  import ./fail.nix "unknown ${what} `${name}`"
    "expected one of ${builtins.concatStringsSep ", " (map (each: "`${each}`") known)}"
