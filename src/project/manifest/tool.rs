//! The tools that a build can ask for beyond rustc.

/// A tool for build scripts; each universe maps it to a package (`docs/universes.md`).
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Deserialize,
    schemars::JsonSchema,
    serde::Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Tool {
    /// CMake, with make as its generator.
    Cmake,
    /// The library that bindgen reads headers with, and the C library's headers of each target.
    Libclang,
    /// GNU make.
    Make,
    /// The assembler.
    Nasm,
    /// perl with its standard modules.
    Perl,
    /// pkg-config, which finds nothing: no library of the build machine is linked.
    PkgConfig,
    /// protoc and the messages that come with it.
    Protobuf,
}

impl Tool {
    /// Every tool, in the order of their names.
    pub const ALL: [Self; 7] = [
        Self::Cmake,
        Self::Libclang,
        Self::Make,
        Self::Nasm,
        Self::Perl,
        Self::PkgConfig,
        Self::Protobuf,
    ];

    /// The name in the manifest.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cmake => "cmake",
            Self::Libclang => "libclang",
            Self::Make => "make",
            Self::Nasm => "nasm",
            Self::Perl => "perl",
            Self::PkgConfig => "pkg-config",
            Self::Protobuf => "protobuf",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_is_read_by_its_name_and_nix_has_the_same_ones() {
        let nix = include_str!("../../../nix/table/tools.nix");
        let names: Vec<_> = nix
            .lines()
            .filter_map(|line| line.split('"').nth(1))
            .collect();
        assert_eq!(names, Tool::ALL.map(Tool::name));
        for tool in Tool::ALL {
            let read: Tool = serde_json::from_value(tool.name().into()).expect("its name");
            assert_eq!(read, tool);
        }
    }
}
