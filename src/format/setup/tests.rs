use super::payload::{Contents, Footer, Head};
use super::*;
use crate::format::testing::{content_of, make, package, read, stub, target_of, write};
use crate::program::pe::Image;
use crate::testing::tree::{file, tree};

fn full() -> Tree {
    let entry = "[Desktop Entry]\nName=Hello World\nComment=Greets\nExec=hello --open [x] %F\n";
    tree(vec![
        file("usr/bin/hello", Kind::Binary, "program"),
        file("usr/etc/hello $ %x%.toml", Kind::Config, "a = 1\n"),
        file("usr/share/applications/hello.desktop", Kind::Desktop, entry),
        file(
            "usr/share/doc/hello/LICENSE",
            Kind::License,
            "Everything\nis allowed.\n",
        ),
        file("usr/share/hello/Gr\u{fc}\u{df}e", Kind::Data, "hello"),
    ])
}

fn written(table: Setup, tree: &Tree) -> Result<Vec<u8>, FormatError> {
    let resources = Resources {
        setup_stub: Some(stub().into()),
        ..Resources::default()
    };
    let tables = Tables {
        setup: table,
        ..Tables::default()
    };
    let format = Writer::new(&tables, &resources);
    Ok(write(&format, &package(), tree, 1)?.0)
}

fn contents(setup: &[u8]) -> Contents {
    let end = setup.len() as u64;
    let footer = setup[setup.len() - Footer::BYTES as usize..].first_chunk();
    let footer = Footer::parse(footer.expect("long enough"), end).expect("a setup");
    let start = footer.contents_at() as usize;
    let text = &setup[start..start + footer.contents as usize];
    Contents::parse(std::str::from_utf8(text).expect("text")).expect("understood")
}

#[test]
fn a_setup_says_what_becomes_of_each_file() {
    let setup = written(Setup::default(), &full()).expect("valid");
    let contents = contents(&setup);
    let files: Vec<_> = contents
        .files
        .iter()
        .map(|file| (file.path.as_str(), file.kind))
        .collect();
    assert_eq!(
        files,
        [
            ("LICENSE", payload::Kind::Other),
            ("etc/hello $ %x%.toml", payload::Kind::Config),
            ("hello", payload::Kind::Program),
            ("share/hello/Gr\u{fc}\u{df}e", payload::Kind::Other),
        ]
    );
    assert_eq!(contents.license, "Everything\nis allowed.");
    assert!(contents.path && contents.desktop && !contents.icon);
    let [shortcut] = &contents.shortcuts[..] else {
        panic!("{:?}", contents.shortcuts)
    };
    assert_eq!(shortcut.name, "Hello World");
    assert_eq!(shortcut.program, "hello");
    assert_eq!(shortcut.arguments, "--open [x]");
}

#[test]
fn the_table_decides_what_is_asked_and_added() {
    let table = Setup {
        path: false,
        desktop_shortcut: false,
        license: false,
        publisher: Some("Example Ltd.".parse().expect("a line")),
    };
    let contents = contents(&written(table, &full()).expect("valid"));
    assert!(!contents.path && !contents.desktop);
    assert_eq!(contents.license, "");
    assert_eq!(contents.publisher, "Example Ltd.");
}

#[test]
fn the_program_at_its_start_is_whole_and_has_a_version_and_a_manifest() {
    let setup = written(Setup::default(), &full()).expect("valid");
    let head = Head::read(&setup).expect("a program");
    let program = &setup[..head.end as usize];
    assert!(crate::program::pe::testing::checked(program).contains(&".rsrc".to_owned()));
    let image = Image::read(program).expect("valid");
    let resources = crate::program::pe::read_resources(program, &image).expect("valid");
    let kinds: Vec<_> = resources.0.keys().cloned().collect();
    use crate::program::pe::types::{MANIFEST, VERSION};
    assert_eq!(kinds, [VERSION, MANIFEST]);
    let build_id = crate::program::pe::build_id(program, &image).expect("valid");
    assert!(build_id.is_some());
    assert_eq!(setup.len() % 8, 0);
}

#[test]
fn what_signing_adds_and_changes_is_no_damage() {
    let mut setup = written(Setup::default(), &full()).expect("valid");
    let head = Head::read(&setup).expect("a program");
    let [checksum, certificates] = &head.free;
    let length = setup.len() as u32;
    setup[checksum.clone()].fill(0x5a);
    let place = [length.to_le_bytes(), 16u32.to_le_bytes()].concat();
    setup[certificates.clone()].copy_from_slice(&place);
    setup.extend([0xce; 16]);
    let found = read(&REGISTRATION, "signed", &setup).expect("whole");
    assert_eq!(content_of(&found, "hello"), "program");
    setup.push(0);
    let error = read(&REGISTRATION, "longer", &setup).expect_err("more than the certificates");
    assert!(
        error
            .to_string()
            .contains("expected the certificates at the end")
    );
}

#[test]
fn every_changed_bit_is_found() {
    let setup = written(Setup::default(), &full()).expect("valid");
    for place in (0..setup.len())
        .step_by(13)
        .chain(setup.len() - 80..setup.len())
    {
        let mut bad = setup.clone();
        bad[place] ^= 1;
        let error = read(&REGISTRATION, "bit", &bad).expect_err("changed");
        assert!(
            matches!(error, FormatError::Malformed(_)),
            "{place}: {error:?}"
        );
    }
}

#[test]
fn a_file_where_the_setup_has_its_own_is_refused() {
    let tree = tree(vec![
        file("usr/bin/hello", Kind::Binary, "program"),
        file("usr/Uninstall.exe", Kind::Data, "x"),
    ]);
    let error = written(Setup::default(), &tree).expect_err("its own name");
    assert!(
        error
            .to_string()
            .starts_with("`Uninstall.exe` would be where a setup has a file of its own"),
        "{error}"
    );
}

#[test]
fn a_stub_that_is_not_fit_is_refused() {
    let refused = |stub: Vec<u8>| {
        let resources = Resources {
            setup_stub: Some(stub.into()),
            ..Resources::default()
        };
        let format = Writer::new(&Tables::default(), &resources);
        let error = write(&format, &package(), &full(), 1).expect_err("not fit");
        error.to_string()
    };
    assert_eq!(
        refused(b"\x7fELF".to_vec()),
        "the setup stub is not usable: not a Windows program: no `PE` header"
    );
    let mut other = stub();
    other[0x84..0x86].copy_from_slice(&0x8664u16.to_le_bytes());
    assert_eq!(
        refused(other),
        "the setup stub is not usable: expected a Windows program for machine 0xaa64, found a Windows program for machine 0x8664"
    );
    let mut longer = stub();
    longer.extend(b"more");
    assert!(refused(longer).contains("by its section table"));
}

#[test]
fn without_a_stub_the_plan_says_how_to_give_one() {
    let format = Writer::new(&Tables::default(), &Resources::default());
    let target = target_of(&format);
    if stubs::stub(target.machine).is_none() {
        let error = format.ready(target).expect_err("there is none");
        assert!(error.to_string().contains("--setup-stub FILE"), "{error}");
    }
    assert!(make(&REGISTRATION).ready(target).is_ok());
}
