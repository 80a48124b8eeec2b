# cargo's arguments of a check, which is of all members, whatever the release has.
#
# of-workspace :: crate description -> [ string ]
crate: [ "--workspace" ] ++ builtins.filter (word: word != "--workspace") (crate.cargoArgs or [ ])
