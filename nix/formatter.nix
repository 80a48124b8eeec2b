# `nix fmt`: rustfmt, and nixfmt if the universe has it.
#
# formatter :: { universe } -> derivation with bin/fmt, which takes files and directories; without any it means all
{ universe }:
universe.run {
  name = "fmt";
  # The script runs on the developer's machine and must find these tools there.
  env = {
    rust = universe.rust.toolchain;
    nixfmt = if universe.nixfmt == null then "" else universe.nixfmt;
    text = ''
      set -eu
      export PATH=$rust/bin:$PATH

      # The edition of the package that a file belongs to.
      edition() {
        local directory
        directory=$(dirname "$(realpath "$1")")
        while [ "$directory" != / ] && ! grep -qs '^edition *=' "$directory/Cargo.toml"; do
          directory=$(dirname "$directory")
        done
        sed -n 's/^edition *= *"\(.*\)".*/\1/p' "$directory/Cargo.toml" 2>/dev/null || true
      }
      one() {
        local known
        case $1 in
          *.rs) known=$(edition "$1") && rustfmt --edition "''${known:-2015}" "$1" ;;
          *.nix) [ -z "$nixfmt" ] || "$nixfmt/bin/nixfmt" "$1" ;;
        esac
      }

      # Nix 2.8 gives "." and later ones nothing: all files of the checkout are meant.
      if [ $# = 0 ] || [ "$*" = . ]; then
        cd "$(git rev-parse --show-toplevel)"
        # Each Cargo.lock is a workspace of its own.
        git ls-files Cargo.lock '**/Cargo.lock' | while read -r lock; do
          cargo fmt --all --manifest-path "$(dirname "$lock")/Cargo.toml"
        done
        [ -z "$nixfmt" ] || git ls-files -z '*.nix' | xargs -0 "$nixfmt/bin/nixfmt"
        exit
      fi
      for path; do
        if [ -d "$path" ]; then
          git ls-files -z "$path" | while IFS= read -rd "" file; do one "$file"; done
        elif [ -e "$path" ]; then
          one "$path"
        else
          echo "fmt: there is no \`$path\`" >&2
          exit 1
        fi
      done
    '';
  };
  script = ''
    mkdir -p $out/bin
    {
      printf '#!%s\nrust=%s nixfmt=%s\n' "$(command -v bash)" "$rust" "$nixfmt"
      printf %s "$text"
    } >$out/bin/fmt
    chmod +x $out/bin/fmt
  '';
}
