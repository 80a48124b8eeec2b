# The library `bcryptprimitives.dll` for a wine that lacks it, so that programs for Windows can be run in tests.
{ universe, ... }:
universe.run {
  name = "bcryptprimitives.dll";
  tools = [ (universe.cc "x86_64-pc-windows-gnullvm") ];
  script = ''
    cc -shared -O2 -s -o bcryptprimitives.dll ${./wine/bcryptprimitives.c} -ladvapi32
    cp bcryptprimitives.dll $out
  '';
}
