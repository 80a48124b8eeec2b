# The part of nixw that only the mirrors universe needs, and every Nix that is too old for the other one; sourced by it.
# shellcheck shell=sh disable=SC2154 # nixw assigns here, user, mirrors, cache, checkout, system and sealift_version

configure_mirrors() {
  mkdir -p "$cache"
  registry=$cache/registry.json
  [ -f "$registry" ] || printf '{"flakes":[],"version":2}\n' >"$registry"
  # Else every call spends seconds on look-ups that cannot succeed.
  set_nix 'substituters ='
  set_nix "flake-registry = $registry"
  # 2.8 compiles a shell into its sandbox's paths, others do not; a build must see neither.
  set_nix "sandbox-paths ="
}

ensure_python() {
  has_python && return
  install_packages 'python3 with pip is not installed' python3-pip ca-certificates
  has_python || fail "$(python3 --version) cannot fetch seeds" 'Python 3.11 or newer with pip is needed'
}

# Every build asks this, so pip is only looked for and not imported.
has_python() {
  python3 -c 'import sys, tomllib, importlib.util; sys.exit(not importlib.util.find_spec("pip"))' 2>/dev/null
}

# seed ACTION [OPTION...]: prints, where the action is `assemble` or `locate`, which input is replaced by which directory, a line each.
seed() {
  # -B: Python would write what it has compiled into the checkout.
  python3 -B "$here/$mirrors/seed" "$@" --tree "$checkout" --cache "$cache" ${system:+--system "$system"}
}

seed_command() {
  ensure_python
  configure_mirrors
  case ${1-} in
    '' | --system) seed fetch ;;
    --refresh) seed refresh ;;
    --accept-drift) SEALIFT_ACCEPT_DRIFT=1 && export SEALIFT_ACCEPT_DRIFT && seed fetch ;;
    --tools)
      [ -n "${2-}" ] || fail "\`--tools\` needs names, such as \`cmake,perl\`"
      seed fetch --tools "$2"
      ;;
    *) fail "\`seed\` does not take \`$1\`; expected nothing, \`--system SYSTEM\`, \`--tools NAMES\`, \`--refresh\` or \`--accept-drift\`" ;;
  esac
}

# Nix before 2.26 cannot name a checkout whose path has a space or the like. This call sees it under another name.
rename_checkout() {
  case $checkout in *[!A-Za-z0-9/._+-]*) ! newer_than 2.26 || return 0 ;; *) return 0 ;; esac
  NIXW_ALIAS=$cache/checkout-$(printf %s "$checkout" | cksum | tr ' ' -) && export NIXW_ALIAS
  mkdir -p "$NIXW_ALIAS"
  [ "$(stat_of u "$checkout")" = "$user" ] || trust_alias
  inside=$NIXW_ALIAS${PWD#"$checkout"}
  NIXW_CHECKOUT=$NIXW_ALIAS && export NIXW_CHECKOUT
  # shellcheck disable=SC2016 # these are the inner shell's
  rename='mount --bind "$1" "$2" && cd "$3" && shift 3 && exec "$@"'
  if [ "$user" = 0 ]; then
    exec unshare --mount --propagation private sh -c "$rename" sh "$checkout" "$NIXW_ALIAS" "$inside" "$here/nixw" "$@"
  fi
  # Only root may mount, so a plain user is root for as long as that takes, and then itself again.
  exec unshare --user --map-root-user --mount --propagation private sh -c "$rename" sh "$checkout" "$NIXW_ALIAS" "$inside" \
    unshare --user --map-user="$user" --map-group="$(id -g)" "$here/nixw" "$@"
}

# What git was told of the checkout's own name holds for the other one.
trust_alias() {
  number=${GIT_CONFIG_COUNT:-0}
  export GIT_CONFIG_COUNT=$((number + 1)) "GIT_CONFIG_KEY_$number=safe.directory" "GIT_CONFIG_VALUE_$number=$NIXW_ALIAS"
}

# Says what is wrong with the manifest in the packer's own words and before anything is fetched, where the user has one of this
# version. Only mistakes that have a place in the file count: a flake can complete the manifest.
check_manifest() {
  packer=${SEALIFT_BIN:-$(command -v sealift || true)}
  [ -n "$packer" ] && [ -f "$checkout/$(manifest)" ] || return 0
  case $("$packer" --version 2>/dev/null) in "sealift $sealift_version "*) ;; *) return 0 ;; esac
  planned=$(cd "$checkout" && "$packer" plan 2>&1 >/dev/null) && return 0
  case $planned in "error: "*"$(manifest):"[0-9]*) ;; *) return 0 ;; esac
  printf '%s\n' "$planned" >&2
  exit 2
}
