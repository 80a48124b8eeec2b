# Returns a name if the table has it; otherwise the error lists the table.
#
# known :: { what : string, known : [ string ] } -> string -> string
{ what, known }:
name:
if builtins.elem name known then
  name
else
  import ./fail.nix "unknown ${what} `${name}`"
    "expected one of ${builtins.concatStringsSep ", " (map (each: "`${each}`") known)}"
