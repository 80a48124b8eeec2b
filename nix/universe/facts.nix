# What a universe is told of the checkout.
#
# facts :: flake -> { rev, dirty, lastModified }
self: {
  rev = self.rev or null;
  dirty = !(self ? rev);
  lastModified = self.lastModified or null;
}
