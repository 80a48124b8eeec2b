# The formats that `sealift` writes; a check compares them with those that the program knows.
[
  "appimage"
  "archive"
  "deb"
  "oci"
]
