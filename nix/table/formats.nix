# The formats that `sealift` writes; a check compares them with the program's.
[
  "appimage"
  "archive"
  "deb"
  "oci"
]
