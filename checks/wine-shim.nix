# The library `bcryptprimitives.dll` for a Wine that lacks it, so that tests can run Windows programs.
{ universe, ... }:
universe.run {
  name = "bcryptprimitives.dll";
  tools = [ (universe.cc "x86_64-pc-windows-gnullvm") ];
  script = ''
    cc -shared -O2 -s -o bcryptprimitives.dll ${./wine/bcryptprimitives.c} -ladvapi32
    cp bcryptprimitives.dll $out
  '';
}
