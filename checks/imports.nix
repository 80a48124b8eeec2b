# The folders of src/ import only what they may, and the script notices where they do not.
{ universe, sealift, ... }:
universe.run {
  name = "imports";
  script = ''
    check() { bash ${./imports.sh} "$1"; }
    check ${sealift.project.source}/src | tee log

    cp -R ${sealift.project.source}/src changed
    chmod -R u+w changed
    sed -i '1a use crate::format::FORMATS;' changed/model/name.rs
    if check changed >refused; then
      echo 'an import of format/ in model/ went unnoticed' >&2
      exit 1
    fi
    grep -F 'changed/model/name.rs:2: `model` imports `format`; it may not' refused
    cp log $out
  '';
}
