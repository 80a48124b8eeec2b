# Merges one table over another, recursively. null removes a key.
#
# merge :: attribute set -> attribute set -> attribute set
let
  inherit (builtins)
    attrNames
    filter
    isAttrs
    mapAttrs
    ;
  merge =
    below: above:
    removeAttrs (
      below
      // mapAttrs (
        name: value:
        if isAttrs value && isAttrs (below.${name} or null) then merge below.${name} value else value
      ) above
    ) (filter (name: above.${name} == null) (attrNames above));
in
merge
