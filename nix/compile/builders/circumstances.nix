# The directory and the conditions of a build, unless a variation changes them.
#
# circumstances :: variation or null -> variation, complete
variation:
{
  directory = "build";
  umask = "022";
  locale = "C";
  timezone = "UTC";
  cores = null;
  user = "nixbld";
}
// (if variation == null then { } else variation)
