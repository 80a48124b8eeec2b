# The checks of a crate: the same cargo commands with every builder that has a stdenv.
#
# checks :: { <name> : { command, install, env ? { } } }
#
#   command   function of cargo's arguments to bash, run in the source
#   install   function of the target to bash, which writes $out
{
  # Static programs for the target, which run in the sandbox directly.
  test = {
    command = arguments: ''
      cargo test ${arguments} --no-fail-fast 2>&1 | tee log
      passed=$(sed -n 's/^test result: ok\. \([0-9]*\) passed.*/\1/p' log | awk '{ sum += $1 } END { print sum + 0 }')
      if [ "$passed" -eq 0 ]; then
        echo "no test ran" >&2
        exit 1
      fi
    '';
    install = _target: "cp log $out";
  };

  clippy = {
    command = arguments: ''
      cargo clippy ${arguments} --all-targets -- --deny warnings 2>&1 | tee log
    '';
    install = _target: "cp log $out";
  };

  doc = {
    env.RUSTDOCFLAGS = "--deny warnings";
    command = arguments: ''
      cargo doc ${arguments} --no-deps
    '';
    install = target: "mv target/${target}/doc $out";
  };
}
