# `nix fmt`: rustfmt, and nixfmt where the universe has it.
#
# formatter :: { universe } -> derivation with bin/fmt
{ universe }:
universe.run {
  name = "fmt";
  # The script runs on the developer's machine and has to find these there.
  env = {
    rust = universe.rust.toolchain;
    nixfmt = if universe.nixfmt == null then "" else universe.nixfmt;
  };
  script = ''
    mkdir -p $out/bin
    cat >$out/bin/fmt <<EOF
    #!$(command -v bash)
    # Nix 2.8 gives "." and later ones nothing: all files of the checkout are meant.
    set -eu
    cd "\$(git rev-parse --show-toplevel)"
    export PATH=$rust/bin:\$PATH
    # Each Cargo.lock is a workspace of its own.
    git ls-files Cargo.lock '**/Cargo.lock' | while read -r lock; do
      cargo fmt --all --manifest-path "\$(dirname "\$lock")/Cargo.toml"
    done
    [ -z "$nixfmt" ] || git ls-files -z '*.nix' | xargs -0 $nixfmt/bin/nixfmt
    EOF
    chmod +x $out/bin/fmt
  '';
}
