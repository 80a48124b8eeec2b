# zig, a static program with its C libraries' sources, out of its wheel.
{ run, wheel, ... }:
run {
  name = "zig";
  script = ''
    unzip -q ${wheel} 'ziglang/*'
    mkdir -p $out/bin
    mv ziglang/lib $out/lib
    mv ziglang/zig $out/bin/zig
    chmod 755 $out/bin/zig
  '';
}
