# `nix bundle --bundler github:…/sealift#toDeb nixpkgs#pkgsStatic.hello`: makes one package of any derivation with static programs.
#
# bundlers :: { system, mkPackage } -> { default, toAppImage, toArchive, toDeb, toDmg, toMsi, toNpm, toOci, toPkg, toRpm, toSetup, toSnap, toTarXz, toTarZst, toWheel, toZip : derivation -> derivation }
{ system, mkPackage }:
let
  inherit (builtins)
    head
    isList
    isString
    match
    parseDrvName
    ;
  # Versions follow Semantic Versioning: missing numbers become zeros.
  completed =
    program: version:
    if version == "" then
      import ./prelude/fail.nix "`${program.name}` has no version"
        "give one to `sealift.lib.mkPackage`, which is what a bundler calls"
    else if match "[0-9]+" version != null then
      "${version}.0.0"
    else if match "[0-9]+[.][0-9]+" version != null then
      "${version}.0"
    else
      version;
  # nixpkgs has one license or a list of them, each a set or a string.
  license =
    written:
    if isList written then
      builtins.concatStringsSep " AND " (map license written)
    else if isString written then
      written
    else
      written.spdxId or written.shortName or "NOASSERTION";

  bundle =
    format: program:
    let
      parsed = parseDrvName program.name;
      meta = program.meta or { };
      people = meta.maintainers or [ ];
      person = head people;
    in
    mkPackage {
      inherit system format;
      package = program;
      name = program.pname or parsed.name;
      version = completed program (program.version or parsed.version);
      summary = meta.description or parsed.name;
      license = license (meta.license or "NOASSERTION");
      maintainer =
        if people == [ ] then
          "nobody <nobody@localhost>"
        else
          "${person.name or person.github or "nobody"} <${person.email or "nobody@localhost"}>";
    };
in
{
  # One file that runs, which a Mac has no format for here.
  default = bundle (
    if (import ./table/targets.nix).${import ./table/host.nix system}.os == "linux" then
      "appimage"
    else
      "archive"
  );
  toAppImage = bundle "appimage";
  toArchive = bundle "archive";
  toDeb = bundle "deb";
  toDmg = bundle "dmg";
  toMsi = bundle "msi";
  toNpm = bundle "npm";
  toOci = bundle "oci";
  toPkg = bundle "pkg";
  toRpm = bundle "rpm";
  toSetup = bundle "setup";
  toSnap = bundle "snap";
  toTarXz = bundle "tar-xz";
  toTarZst = bundle "tar-zst";
  toWheel = bundle "wheel";
  toZip = bundle "zip";
}
