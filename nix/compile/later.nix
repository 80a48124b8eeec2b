# A derivation that is built when a shell first needs it, as bash. A shell that starts at once is worth more than one that
# has everything.
#
# later :: { derivation, what : string } -> bash, which sets `later` to the path of what was built
{ derivation, what }:
let
  # Neither makes what names it depend on what is built, but the recipe is there to be built from.
  path = builtins.unsafeDiscardStringContext derivation.outPath;
  recipe = builtins.unsafeDiscardOutputDependency derivation.drvPath;
in
''
  later=${path}
  if [ ! -e "$later" ]; then
    echo 'sealift: building ${what}, once' >&2
    mkdir -p "''${XDG_CACHE_HOME:-$HOME/.cache}/sealift/roots"
    nix-store --realise ${recipe} --indirect --add-root "''${XDG_CACHE_HOME:-$HOME/.cache}/sealift/roots/''${later##*/}" >/dev/null
  fi
''
