# The app `gate`: measures the program of the release on this machine, and judges the release with that.
#
# gate-app :: { universe, sealift, project, release } -> app
#
#   nix run .#gate -- [DIR] [OPTION of `sealift measure`...]
#
# DIR, by default `report`, gets the record and the report. Nothing of this is a part of a derivation: what is measured differs
# from machine to machine, and `.#release` must not.
{
  universe,
  sealift,
  project,
  release,
}:
let
  script = universe.run {
    name = "${project.name}-gate";
    env.text = ''
      set -eu
      out=report
      case ''${1-} in
      "" | -*) ;;
      *) out=$1; shift ;;
      esac
      mkdir -p "$out"
      ${sealift.packerOf project}/bin/sealift measure --release ${release.report} --out "$out/start.json" "$@"
      exec ${sealift.packerOf project}/bin/sealift gate ${release.report} --evidence "$out/start.json" --report "$out/report.json"
    '';
    script = ''
      mkdir -p $out/bin
      printf '#!%s\n%s' "$(command -v bash)" "$text" >$out/bin/gate
      chmod +x $out/bin/gate
    '';
  };
in
{
  type = "app";
  program = "${script}/bin/gate";
  meta.description = "measures ${project.name} on this machine, and judges its release with that";
}
