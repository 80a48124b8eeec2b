# What build scripts try to link, as `configure` and cmake do, is linked with the C library that is compiled already, and is not
# taken for missing. Headers and libraries of Windows are
# found by names in any case, and by those that its SDK has.
{ universe, ... }:
universe.run {
  name = "probes";
  script = ''
    printf 'int main(void) { return 0; }\n' >main.c
    # An address, which not every object can hold.
    printf 'int data[1]; int *volatile place = data; int main(int count, char **all) { return ((char *)&data)[count]; }\n' >address.c
    mkdir -p CMakeFiles/probe.dir
    printf 'int main() { return 0; }\n' >CMakeCXXCompilerABI.cpp
    cp CMakeCXXCompilerABI.cpp CMakeCXXCompilerId.cpp

    # What zig has compiled so far.
    compiled() { ls $NIX_BUILD_TOP/zig-$target-*/o | wc -l; }
    probe() {
      local cc=$1 target=$2 before
      $cc/bin/cc -Wl,--strip-all main.c -o program
      before=$(compiled)
      $cc/bin/cc -g main.c -o program
      $cc/bin/cc -Os main.c -o program
      $cc/bin/cc -c address.c -o address.o
      $cc/bin/cc -v address.o -o program
      $cc/bin/c++ CMakeCXXCompilerId.cpp -o program
      $cc/bin/c++ -c CMakeCXXCompilerABI.cpp -o CMakeFiles/probe.dir/CMakeCXXCompilerABI.cpp.o
      $cc/bin/c++ -v CMakeFiles/probe.dir/CMakeCXXCompilerABI.cpp.o -o program
      echo "$target $before $(compiled)" | tee -a counted
      # The programs themselves and their objects; a C library has hundreds.
      [ $(($(compiled) - before)) -le 20 ]
    }
    probe ${universe.cc "x86_64-unknown-linux-musl"} x86_64-unknown-linux-musl
    probe ${universe.cc "x86_64-pc-windows-gnullvm"} x86_64-pc-windows-gnullvm
    probe ${universe.cc "aarch64-apple-darwin"} aarch64-apple-darwin

    cat >case.c <<'EOF'
    #include <Windows.h>
    #include <PowrProf.h>
    #include <GL/GL.h>
    #include <XInput.h>
    int main(void) {
      XINPUT_STATE state;
      long value = 0;
      WakeByAddressAll(&value);
      return XInputGetState(0, &state) && !IsPwrHibernateAllowed();
    }
    EOF
    windows=${universe.cc "x86_64-pc-windows-gnullvm"}
    $windows/bin/cc -c case.c -o case.o
    $windows/bin/cc case.o -lPowrProf -lKERNEL32 -lXInput -lsynchronization -lruntimeobject -ld3dcompiler -o case.exe
    [ "$(head -c 2 case.exe)" = MZ ]
    # A DLL with a list of its exports, as rustc passes it.
    printf 'int answer(void) { return 42; }\n' >answer.c
    printf 'EXPORTS\n    answer\n' >list.def
    $windows/bin/cc -c answer.c -o answer.o
    $windows/bin/cc -shared answer.o -Wl,$PWD/list.def -o answer.dll
    grep -q answer answer.dll
    cp counted $out
  '';
}
