# Whether a source comes out of a derivation, so that nothing of it can be read while evaluating.
#
# isBuilt :: path, string, flake or derivation -> bool
src:
# A path is never built, and as a string it would be copied.
!(builtins.isPath src)
&& builtins.any (origin: origin ? outputs) (builtins.attrValues (builtins.getContext "${src}"))
