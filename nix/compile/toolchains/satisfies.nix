# Whether a rustc is what a channel's name asks for: any will do for `stable`, and `1.92` is every 1.92.x.
#
# satisfies :: string (rustc's version) -> string or null (a channel) -> bool
rustc: channel:
channel == null
|| channel == "stable"
|| channel == rustc
|| builtins.substring 0 (builtins.stringLength channel + 1) rustc == "${channel}."
