# The gates, sorted, each of which has a check of its own.
[
  "advisories"
  "checks"
  "hardening"
  "licenses"
  "macos"
  "memory"
  "packages"
  "parity"
  "portable"
  "reproducible"
  "sbom"
  "size"
  "soak"
  "start-up"
  "static"
]
