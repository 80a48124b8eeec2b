# The shell and the commands that build scripts use: bash and busybox, both static, so that they run as they are.
{ system, bootstrap, ... }:
derivation {
  name = "tools";
  inherit system bootstrap;
  builder = "${bootstrap}/bin/busybox";
  args = [
    "sh"
    "-euc"
    ''
      busybox=$bootstrap/bin/busybox
      $busybox mkdir -p $out/bin
      for applet in $($busybox --list); do
        case $applet in
          # These would hide the real ones or act on the host.
          dpkg | dpkg-deb | rpm | rpm2cpio | sh | ash | init | halt | poweroff | reboot) ;;
          *) $busybox ln -s $busybox $out/bin/$applet ;;
        esac
      done
      $busybox ln -s $bootstrap/bin/bash $out/bin/bash
      $busybox ln -s $bootstrap/bin/bash $out/bin/sh
    ''
  ];
}
