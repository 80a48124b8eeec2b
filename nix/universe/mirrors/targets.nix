# The targets of the table, and the build's own programs: build scripts and procedural macros. The sandbox has no
# /lib64, so these carry the loader of the Debian root, whose glibc is 2.36.
{
  root,
  machine,
  shared,
  ...
}:
let
  library = "${root}/usr/lib/${machine.libraries}";
in
shared.targets
// {
  ${machine.triple} = {
    os = "linux";
    machine = machine.processor;
    zig = "${machine.processor}-linux-gnu.2.36";
    link = "-Wl,--dynamic-linker=${library}/${machine.loader} -Wl,-rpath,${library}";
  };
}
