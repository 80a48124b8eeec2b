//! The libraries that come with an operating system.

use crate::gate::patterns::{LibraryDirectory, WindowsLibrary};

/// The libraries of every desktop edition of Windows 10, without those that are installed separately (Visual C++ and
/// .NET runtimes). A `*` at the end matches any suffix: API sets are the system's own names for parts of its libraries.
const WINDOWS: [&str; 76] = [
    "advapi32.dll",
    "api-ms-win-*",
    "authz.dll",
    "avrt.dll",
    "bcrypt.dll",
    "bcryptprimitives.dll",
    "cabinet.dll",
    "cfgmgr32.dll",
    "combase.dll",
    "comctl32.dll",
    "comdlg32.dll",
    "credui.dll",
    "crypt32.dll",
    "cryptbase.dll",
    "cryptui.dll",
    "d2d1.dll",
    "d3d11.dll",
    "d3d12.dll",
    "d3d9.dll",
    "dbghelp.dll",
    "dcomp.dll",
    "dinput8.dll",
    "dnsapi.dll",
    "dsound.dll",
    "dwmapi.dll",
    "dwrite.dll",
    "dxgi.dll",
    "fwpuclnt.dll",
    "gdi32.dll",
    "gdiplus.dll",
    "hid.dll",
    "imm32.dll",
    "iphlpapi.dll",
    "kernel32.dll",
    "kernelbase.dll",
    "ktmw32.dll",
    "mf.dll",
    "mfplat.dll",
    "mpr.dll",
    "msi.dll",
    "msimg32.dll",
    "msvcrt.dll",
    "mswsock.dll",
    "ncrypt.dll",
    "netapi32.dll",
    "normaliz.dll",
    "ntdll.dll",
    "ole32.dll",
    "oleacc.dll",
    "oleaut32.dll",
    "opengl32.dll",
    "pdh.dll",
    "powrprof.dll",
    "propsys.dll",
    "psapi.dll",
    "rpcrt4.dll",
    "secur32.dll",
    "setupapi.dll",
    "shcore.dll",
    "shell32.dll",
    "shlwapi.dll",
    "sspicli.dll",
    "ucrtbase.dll",
    "user32.dll",
    "userenv.dll",
    "uxtheme.dll",
    "version.dll",
    "winhttp.dll",
    "wininet.dll",
    "winmm.dll",
    "winspool.drv",
    "wintrust.dll",
    "wldap32.dll",
    "ws2_32.dll",
    "wsock32.dll",
    "wtsapi32.dll",
];

const MACOS: [&str; 2] = ["/usr/lib/", "/System/Library/"];

/// The default of `windows-libraries`.
pub(super) fn windows_default() -> Vec<WindowsLibrary> {
    let library = |name: &&str| WindowsLibrary::new((*name).to_owned());
    let libraries: Result<_, _> = WINDOWS.iter().map(library).collect();
    libraries.expect("the defaults are tested")
}

/// The default of `macos-library-directories`.
pub(super) fn macos_default() -> Vec<LibraryDirectory> {
    let directory = |path: &&str| LibraryDirectory::new((*path).to_owned());
    let directories: Result<_, _> = MACOS.iter().map(directory).collect();
    directories.expect("the defaults are tested")
}

impl WindowsLibrary {
    /// Whether a library that a program needs matches. Windows names are case-insensitive.
    pub(super) fn is(&self, library: &str) -> bool {
        let library = library.to_ascii_lowercase();
        match self.strip_suffix('*') {
            Some(start) => library.starts_with(start),
            None => library == **self,
        }
    }
}

impl LibraryDirectory {
    /// Whether a library that a program needs is in the directory.
    pub(super) fn holds(&self, library: &str) -> bool {
        library.starts_with(&**self) && !library.split('/').any(|component| component == "..")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_sorted_and_valid() {
        assert!(WINDOWS.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(windows_default().len(), WINDOWS.len());
        assert_eq!(macos_default().len(), MACOS.len());
    }

    #[test]
    fn libraries_of_windows_are_known_in_any_case_and_api_sets_by_their_start() {
        let is_known = |name: &str| windows_default().iter().any(|library| library.is(name));
        for name in [
            "KERNEL32.dll",
            "bcryptPrimitives.dll",
            "api-ms-win-core-synch-l1-2-0.dll",
        ] {
            assert!(is_known(name), "{name}");
        }
        for name in ["libunwind.dll", "vcruntime140.dll", "kernel32.dll.evil.dll"] {
            assert!(!is_known(name), "{name}");
        }
    }

    #[test]
    fn libraries_of_macos_are_in_the_directories_of_the_system() {
        let is_known = |path: &str| macos_default().iter().any(|known| known.holds(path));
        assert!(is_known("/usr/lib/libSystem.B.dylib"));
        assert!(is_known(
            "/System/Library/Frameworks/Security.framework/Versions/A/Security"
        ));
        for path in [
            "@rpath/libssl.dylib",
            "/usr/local/lib/libz.dylib",
            "/usr/lib/../local/lib/libz.dylib",
            "libz.dylib",
        ] {
            assert!(!is_known(path), "{path}");
        }
    }
}
