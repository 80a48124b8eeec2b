# A release of rust-overlay by the name of its channel, as rustup has them; of a name that there is not, the error has
# those that are near.
#
# channel :: { lib, stable, beta, nightly, pinned } -> string -> release
#
#   stable, beta, nightly   { latest, <version or date> : release }, of rust-overlay
#   pinned                  what `stable` is here
{
  lib,
  stable,
  beta,
  nightly,
  pinned,
}:
channel:
let
  inherit (builtins)
    attrNames
    compareVersions
    elemAt
    head
    match
    ;
  fail = import ../../prelude/fail.nix;
  quoted = names: lib.concatMapStringsSep ", " (name: "`${name}`") names;

  sorted =
    releases: lib.sort (a: b: compareVersions a b < 0) (attrNames (removeAttrs releases [ "latest" ]));
  takeLast = count: list: lib.drop (lib.max 0 (lib.length list - count)) list;
  # The two before a name and the two after it.
  near =
    names: wanted:
    takeLast 2 (lib.filter (name: compareVersions name wanted < 0) names)
    ++ lib.take 2 (lib.filter (name: compareVersions name wanted > 0) names);
  missing =
    prefix: releases: wanted:
    fail "the locked rust-overlay has no Rust `${channel}`; near it are ${quoted (map (name: prefix + name) (near (sorted releases) wanted))}" "choose one of these, or lock a newer rust-overlay: the newest here is `${prefix}${lib.last (sorted releases)}`";

  ofMinor = lib.filter (lib.hasPrefix "${channel}.") (sorted stable);
  dated = match "(nightly|beta)-([0-9]{4}-[0-9]{2}-[0-9]{2})" channel;
  ofDate = { inherit nightly beta; }.${head dated};
in
if channel == "stable" then
  stable.${pinned} or (missing "" stable pinned)
else if channel == "nightly" then
  nightly.latest
else if channel == "beta" then
  beta.latest
else if dated != null then
  ofDate.${elemAt dated 1} or (missing "${head dated}-" ofDate (elemAt dated 1))
else if match "[0-9]+[.][0-9]+[.][0-9]+" channel != null then
  stable.${channel} or (missing "" stable channel)
else if match "[0-9]+[.][0-9]+" channel != null then
  if ofMinor == [ ] then missing "" stable channel else stable.${lib.last ofMinor}
else
  fail "there is no channel `${channel}` of Rust" "expected `stable`, `beta`, `nightly`, a date of one such as `nightly-${lib.last (sorted nightly)}`, or a version such as `${lib.last (sorted stable)}`"
