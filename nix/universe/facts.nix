# What a universe is told of the checkout. Without git, or without a flake, nothing is known of changes.
#
# facts :: flake -> { rev, dirty, lastModified }
self: {
  rev = self.rev or null;
  dirty = self ? dirtyRev;
  lastModified = self.lastModified or null;
}
