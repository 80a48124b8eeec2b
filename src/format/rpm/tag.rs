//! The numbers of what a header holds (rpm's `rpmtag.h`).

// Where a header begins that a signature covers as a whole, one for each of the two headers.
pub(super) const SIGNATURES: u32 = 62;
pub(super) const IMMUTABLE: u32 = 63;

// Of the signature header.
pub(super) const SIGNED_LONG_SIZE: u32 = 270;
pub(super) const SIGNED_LONG_ARCHIVE_SIZE: u32 = 271;
pub(super) const SIGNED_SHA256: u32 = 273;
pub(super) const SIGNED_SIZE: u32 = 1000;
pub(super) const SIGNED_ARCHIVE_SIZE: u32 = 1007;

// Of the header.
pub(super) const LOCALES: u32 = 100;
pub(super) const NAME: u32 = 1000;
pub(super) const VERSION: u32 = 1001;
pub(super) const RELEASE: u32 = 1002;
pub(super) const EPOCH: u32 = 1003;
pub(super) const SUMMARY: u32 = 1004;
pub(super) const DESCRIPTION: u32 = 1005;
pub(super) const BUILD_TIME: u32 = 1006;
pub(super) const BUILD_HOST: u32 = 1007;
pub(super) const SIZE: u32 = 1009;
pub(super) const VENDOR: u32 = 1011;
pub(super) const LICENSE: u32 = 1014;
pub(super) const PACKAGER: u32 = 1015;
pub(super) const GROUP: u32 = 1016;
pub(super) const URL: u32 = 1020;
pub(super) const OS: u32 = 1021;
pub(super) const ARCHITECTURE: u32 = 1022;
pub(super) const FILE_SIZES: u32 = 1028;
pub(super) const FILE_MODES: u32 = 1030;
pub(super) const FILE_DEVICE_NUMBERS: u32 = 1033;
pub(super) const FILE_DATES: u32 = 1034;
pub(super) const FILE_DIGESTS: u32 = 1035;
pub(super) const FILE_LINKS: u32 = 1036;
pub(super) const FILE_FLAGS: u32 = 1037;
pub(super) const FILE_USERS: u32 = 1039;
pub(super) const FILE_GROUPS: u32 = 1040;
pub(super) const SOURCE_RPM: u32 = 1044;
pub(super) const FILE_VERIFY_FLAGS: u32 = 1045;
pub(super) const RPM_VERSION: u32 = 1064;
pub(super) const CHANGE_DATES: u32 = 1080;
pub(super) const CHANGE_NAMES: u32 = 1081;
pub(super) const CHANGE_TEXTS: u32 = 1082;
pub(super) const FILE_DEVICES: u32 = 1095;
pub(super) const FILE_INODES: u32 = 1096;
pub(super) const FILE_LANGUAGES: u32 = 1097;
pub(super) const DIRECTORY_INDEXES: u32 = 1116;
pub(super) const BASE_NAMES: u32 = 1117;
pub(super) const DIRECTORY_NAMES: u32 = 1118;
pub(super) const PAYLOAD_FORMAT: u32 = 1124;
pub(super) const PAYLOAD_COMPRESSOR: u32 = 1125;
pub(super) const PAYLOAD_LEVEL: u32 = 1126;
pub(super) const PLATFORM: u32 = 1132;
pub(super) const LONG_SIZE: u32 = 5009;
pub(super) const FILE_DIGEST_ALGORITHM: u32 = 5011;
pub(super) const VCS: u32 = 5034;
pub(super) const ENCODING: u32 = 5062;
pub(super) const PAYLOAD_DIGEST: u32 = 5092;
pub(super) const PAYLOAD_DIGEST_ALGORITHM: u32 = 5093;
pub(super) const CONTENT_DIGEST: u32 = 5097;

/// SHA-256, as OpenPGP numbers it (RFC 9580, 9.5).
pub(super) const SHA256: u32 = 8;

/// The three lists that relations of one kind are in.
#[derive(Clone, Copy, Debug)]
pub(super) struct RelationTags {
    pub(super) names: u32,
    pub(super) flags: u32,
    pub(super) versions: u32,
}

const fn relations(names: u32, flags: u32, versions: u32) -> RelationTags {
    RelationTags {
        names,
        flags,
        versions,
    }
}

pub(super) const PROVIDES: RelationTags = relations(1047, 1112, 1113);
pub(super) const REQUIRES: RelationTags = relations(1049, 1048, 1050);
pub(super) const CONFLICTS: RelationTags = relations(1054, 1053, 1055);
pub(super) const OBSOLETES: RelationTags = relations(1090, 1114, 1115);
pub(super) const RECOMMENDS: RelationTags = relations(5046, 5048, 5047);
pub(super) const SUGGESTS: RelationTags = relations(5049, 5051, 5050);
pub(super) const SUPPLEMENTS: RelationTags = relations(5052, 5054, 5053);
pub(super) const ENHANCES: RelationTags = relations(5055, 5057, 5056);
