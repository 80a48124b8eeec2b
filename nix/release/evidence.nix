# The records that a release is judged with, as bash that sets the array `evidence` to arguments of `sealift gate`.
#
# evidence :: [ path ] -> string
#
# The report tells the names of records, which in the store begin with a hash; so each is copied under the name that it had.
measurements:
let
  inherit (builtins)
    concatStringsSep
    filter
    head
    length
    map
    match
    ;
  nameOf =
    file:
    let
      name = baseNameOf (builtins.unsafeDiscardStringContext "${file}");
      inStore = match "[0-9a-z]{32}-(.*)" name;
    in
    if inStore == null then name else head inStore;
  names = map nameOf measurements;
  twice = filter (name: length (filter (other: other == name) names) > 1) names;
  copy = file: ''
    cp -R ${file} "evidence/${nameOf file}"
    evidence+=(--evidence "evidence/${nameOf file}")
  '';
in
if twice != [ ] then
  import ../prelude/fail.nix "two of the measurements are named `${head twice}`" "give them different names"
else
  "evidence=()\n"
  + (
    if measurements == [ ] then
      ""
    else
      "mkdir evidence\n" + concatStringsSep "" (map copy measurements)
  )
