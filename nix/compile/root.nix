# The directory of a source that evaluation can read: a flake's `self` is a set, and a store path is a string with context.
#
# root :: path, string or flake -> path
src: if builtins.isPath src then src else /. + builtins.unsafeDiscardStringContext "${src}"
