//! The program at the start of a setup: the stub, with what Windows shows of it.

use super::payload::Head;
use crate::format::FormatError;
use crate::model::package::Package;
use crate::model::target::{ProgramKind, Target};
use crate::program::pe::{
    Icon, Image, Key, PeError, add_build_id, language, replace_resources, types,
};
use crate::program::stamp::windows_version;

/// Rights of the user who starts it, controls as Windows draws them, sharp text, and UTF-8.
const MANIFEST: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">
  <trustInfo xmlns="urn:schemas-microsoft-com:asm.v3">
    <security><requestedPrivileges><requestedExecutionLevel level="asInvoker" uiAccess="false"/></requestedPrivileges></security>
  </trustInfo>
  <compatibility xmlns="urn:schemas-microsoft-com:compatibility.v1">
    <application><supportedOS Id="{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}"/></application>
  </compatibility>
  <dependency>
    <dependentAssembly>
      <assemblyIdentity type="win32" name="Microsoft.Windows.Common-Controls" version="6.0.0.0" processorArchitecture="*" publicKeyToken="6595b64144ccf1df" language="*"/>
    </dependentAssembly>
  </dependency>
  <application xmlns="urn:schemas-microsoft-com:asm.v3">
    <windowsSettings>
      <dpiAware xmlns="http://schemas.microsoft.com/SMI/2005/WindowsSettings">true</dpiAware>
      <longPathAware xmlns="http://schemas.microsoft.com/SMI/2016/WindowsSettings">true</longPathAware>
      <activeCodePage xmlns="http://schemas.microsoft.com/SMI/2019/WindowsSettings">UTF-8</activeCodePage>
    </windowsSettings>
  </application>
</assembly>
"#;

/// Refuses a version that Windows cannot show.
pub(super) fn check(package: &Package) -> Result<(), FormatError> {
    let version = windows_version(package, None, "setup.exe").to_bytes();
    version
        .map(drop)
        .map_err(|error| FormatError::Invalid(error.to_string()))
}

/// The stub as it stands in a setup.
pub(super) fn prepare(
    stub: &[u8],
    package: &Package,
    icon: Option<&Icon>,
    target: Target,
    name: &str,
) -> Result<Vec<u8>, FormatError> {
    let image = Image::read(stub).map_err(unusable)?;
    let found = ProgramKind::Pe {
        machine: image.machine,
    };
    if found != *target.program {
        let expected = target.program;
        return Err(invalid(&format!("expected {expected}, found {found}")));
    }
    let version = windows_version(package, package.commit.as_ref(), name).to_bytes();
    let version = version.map_err(|error| FormatError::Invalid(error.to_string()))?;
    // As in programs of the project, before what depends on the version.
    let stub = add_build_id(stub.to_vec()).map_err(unusable)?;
    let changed = replace_resources(&stub, |resources| {
        let manifest = MANIFEST.as_bytes().to_vec();
        for (kind, bytes) in [(types::VERSION, version), (types::MANIFEST, manifest)] {
            resources.0.remove(&kind);
            resources.insert(kind, Key::Id(1), language::ENGLISH, bytes);
        }
        if let Some(icon) = icon {
            icon.insert(resources);
        }
    });
    let mut program = changed.map_err(unusable)?;
    let head = Head::read(&program[..program.len().min(Head::BYTES)]);
    let head = head.ok_or_else(|| invalid("expected a 64-bit program"))?;
    if head.end != program.len() as u64 {
        let (expected, found) = (head.end, program.len());
        return Err(invalid(&format!(
            "expected {expected} bytes by its section table, found {found}"
        )));
    }
    // The checksum, which is optional, would not be that of the whole file.
    head.clear(&mut program);
    Ok(program)
}

fn unusable(error: PeError) -> FormatError {
    invalid(&error.to_string())
}

fn invalid(problem: &str) -> FormatError {
    FormatError::Invalid(format!("the setup stub is not usable: {problem}"))
}
