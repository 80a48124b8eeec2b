# Where a build happens and under which circumstances, unless a variation says otherwise.
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
