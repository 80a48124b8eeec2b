# Runs the tests, static programs of the target, in the sandbox.
#
# test :: crate description -> derivation, the tests' log
{ development }:
crate:
development crate {
  name = "test";
  # Not crane's cargoTest, which with `doCheck = false` succeeds without a test.
  command = arguments: ''
    cargo test ${arguments} --workspace 2>&1 | tee log
    passed=$(sed -n 's/^test result: ok\. \([0-9]*\) passed.*/\1/p' log | awk '{ sum += $1 } END { print sum + 0 }')
    if [ "$passed" -eq 0 ]; then
      echo "no test ran" >&2
      exit 1
    fi
  '';
  install = "cp log $out";
}
