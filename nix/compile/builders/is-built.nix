# Whether a source is the output of a derivation, so that it cannot be read during evaluation.
#
# isBuilt :: path, string, flake or derivation -> bool
src:
# A path is never built, and converting it to a string would copy it.
!(builtins.isPath src)
&& builtins.any (origin: origin ? outputs) (builtins.attrValues (builtins.getContext "${src}"))
