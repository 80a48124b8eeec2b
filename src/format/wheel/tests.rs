//! Whole wheels, written and read.

use super::{REGISTRATION, Wheel};
use crate::format::testing::{content_of, full_tree, package, read, write};
use crate::format::{Format, FormatError};
use crate::model::entry::Entry;

fn written(wheel: &Wheel, test: &str) -> Vec<(Entry, Vec<u8>)> {
    let (bytes, _) = write(wheel, &package(), &full_tree(), 1).expect("valid");
    read(&REGISTRATION, test, &bytes).expect("just written")
}

#[test]
fn the_name_says_where_pip_may_install_it() {
    let mut package = package();
    package.name = "hello-world".parse().expect("a name");
    package.version = "1.0.0-beta.1".parse().expect("a version");
    let name = |target: &str| {
        let target = target.parse().expect("a target");
        Wheel::default().file_name(&package, target)
    };
    assert_eq!(
        name("x86_64-unknown-linux-musl"),
        "hello_world-1.0.0b1-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64.whl"
    );
    assert_eq!(
        name("universal2-apple-darwin"),
        "hello_world-1.0.0b1-py3-none-macosx_11_0_universal2.whl"
    );
}

#[test]
fn files_are_where_pip_installs_them_from() {
    let found = written(&Wheel::default(), "places");
    let paths: Vec<_> = found
        .iter()
        .map(|(entry, _)| entry.path.as_str())
        .filter(|path| !path.contains("/share/hello/"))
        .collect();
    assert_eq!(
        paths,
        [
            "hello-1.2.3.data/data/etc/hello/config.toml",
            "hello-1.2.3.data/data/share/applications/hello.desktop",
            "hello-1.2.3.data/data/share/bash-completion/completions/hello",
            "hello-1.2.3.data/data/share/doc/hello/README.md",
            "hello-1.2.3.data/data/share/fish/vendor_completions.d/hello.fish",
            "hello-1.2.3.data/data/share/icons/hicolor/scalable/apps/hello.svg",
            "hello-1.2.3.data/data/share/man/man1/hello.1",
            "hello-1.2.3.data/data/share/man/man1/hi.1",
            "hello-1.2.3.data/data/share/zsh/site-functions/_hello",
            "hello-1.2.3.data/scripts/hello",
            "hello-1.2.3.data/scripts/hi",
            "hello-1.2.3.dist-info/METADATA",
            "hello-1.2.3.dist-info/WHEEL",
            "hello-1.2.3.dist-info/licenses/LICENSE-APACHE",
            "hello-1.2.3.dist-info/licenses/LICENSE-MIT",
            "hello-1.2.3.dist-info/RECORD",
        ]
    );
    let program = content_of(&found, "hello-1.2.3.data/scripts/hello");
    // Wheels have no links.
    assert_eq!(program, content_of(&found, "hello-1.2.3.data/scripts/hi"));
}

#[test]
fn the_metadata_is_what_an_index_shows() {
    let wheel = Wheel {
        classifiers: vec!["Environment :: Console".parse().expect("one line")],
        requires_python: ">=3.8".parse().ok(),
        ..Wheel::default()
    };
    let found = written(&wheel, "metadata");
    assert_eq!(
        content_of(&found, "hello-1.2.3.dist-info/METADATA"),
        "Metadata-Version: 2.4\n\
         Name: hello\n\
         Version: 1.2.3\n\
         Summary: greets people\n\
         Maintainer-email: Jo Doe <jo@example.org>\n\
         License-Expression: MIT OR Apache-2.0\n\
         License-File: LICENSE-APACHE\n\
         License-File: LICENSE-MIT\n\
         Project-URL: Homepage, https://example.org/hello\n\
         Project-URL: Repository, https://example.org/hello.git\n\
         Classifier: Environment :: Console\n\
         Requires-Python: >=3.8\n\
         Description-Content-Type: text/markdown; charset=UTF-8\n\
         \n\
         # hello\n"
    );
    assert_eq!(
        content_of(&found, "hello-1.2.3.dist-info/WHEEL"),
        "Wheel-Version: 1.0\n\
         Generator: sealift\n\
         Root-Is-Purelib: false\n\
         Tag: py3-none-manylinux_2_17_x86_64\n\
         Tag: py3-none-manylinux2014_x86_64\n\
         Tag: py3-none-musllinux_1_1_x86_64\n"
    );
}

#[test]
fn a_name_or_version_that_python_cannot_express_is_refused_while_planning() {
    let mut nightly = package();
    nightly.version = "1.0.0-nightly.1".parse().expect("a version");
    let error = Wheel::default()
        .check(&nightly)
        .expect_err("no such version");
    assert!(matches!(error, FormatError::Invalid(_)));
    let wheel = Wheel {
        project: "hello!".parse().ok(),
        ..Wheel::default()
    };
    let error = wheel.check(&package()).expect_err("no such project");
    assert!(
        error
            .to_string()
            .starts_with("Python has no project such as `hello!`"),
        "{error}"
    );
}
