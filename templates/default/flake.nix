{
  description = "Greets whoever is named";

  inputs.sealift.url = "path:/where/sealift/is";

  outputs =
    { self, sealift, ... }:
    sealift.lib.mkFlake {
      inherit self;
      src = ./.;
    };
}
