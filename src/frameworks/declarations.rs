//! What Rust source declares of foreign libraries: the items of `extern` blocks, and classes of Objective-C.

use super::attributes::{Attributes, Link};
use super::cfg::Exists;
use super::tokens::{Token, tokens};
use super::version::Version;

/// A function, static or class of a foreign library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// The name.
    pub name: Name,
    /// The library that the block is linked with.
    pub link: Link,
    /// The macOS version that has it first, if the source says so.
    pub since: Option<Version>,
}

/// What a declaration is called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// A function or static, as C calls it.
    Symbol(String),
    /// A class of Objective-C.
    Class(String),
}

/// What a source file has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declarations {
    /// The declarations, in the order of the source.
    pub all: Vec<Declaration>,
    /// The frameworks that it links, also those without a declaration.
    pub frameworks: Vec<String>,
}

/// Reads a source file. Whatever does not exist on macOS is left out.
pub fn declarations(source: &str) -> Declarations {
    let tokens = tokens(source);
    let mut reader = Reader {
        rest: &tokens,
        pending: Attributes::default(),
        found: Declarations::default(),
    };
    while !reader.rest.is_empty() {
        reader.step();
    }
    reader.found
}

struct Reader<'a> {
    rest: &'a [Token],
    /// Of the item that follows.
    pending: Attributes,
    found: Declarations,
}

impl<'a> Reader<'a> {
    fn step(&mut self) {
        match self.rest {
            [Token::Mark('#'), Token::Mark('['), ..] => self.attribute(),
            [Token::Word(word), Token::Text(_), Token::Mark('{'), ..] if word == "extern" => {
                self.block(3);
            }
            [Token::Word(word), Token::Mark('{'), ..] if word == "extern" => self.block(2),
            [
                Token::Word(name),
                Token::Mark('!'),
                Token::Mark('(' | '{'),
                ..,
            ] => {
                self.invocation(name);
            }
            [Token::Mark('{'), ..] if self.pending.exists() == Exists::No => {
                self.pending = Attributes::default();
                self.group();
            }
            [Token::Mark(mark), rest @ ..] => {
                if matches!(mark, ';' | '{' | '}') {
                    self.pending = Attributes::default();
                }
                self.rest = rest;
            }
            [_, rest @ ..] => self.rest = rest,
            [] => {}
        }
    }

    fn attribute(&mut self) {
        self.rest = &self.rest[1..];
        let content = self.group();
        self.pending.add(content);
    }

    /// The content of the group that opens here, which is skipped.
    fn group(&mut self) -> &'a [Token] {
        let mut depth = 0_usize;
        for (place, token) in self.rest.iter().enumerate() {
            match token {
                Token::Mark('(' | '[' | '{') => depth += 1,
                Token::Mark(')' | ']' | '}') => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                let content = self.rest.get(1..place).unwrap_or_default();
                self.rest = &self.rest[place + 1..];
                return content;
            }
        }
        std::mem::take(&mut self.rest).get(1..).unwrap_or_default()
    }

    /// An `extern` block whose `{` is the last of so many tokens.
    fn block(&mut self, length: usize) {
        self.rest = &self.rest[length - 1..];
        let block = std::mem::take(&mut self.pending);
        let content = self.group();
        if block.exists() == Exists::No {
            return;
        }
        for link in block.links() {
            if let Link::Framework(name) = link {
                self.found.frameworks.push(name.clone());
            }
        }
        self.items(content, &block);
    }

    /// Macros that write declarations: of objc2, and those that crates name after what they do.
    fn invocation(&mut self, name: &str) {
        self.rest = &self.rest[2..];
        let before = std::mem::take(&mut self.pending);
        if !name.starts_with("extern_") {
            // What is inside may be code.
            self.rest = &self.rest[1..];
            return;
        }
        let content = self.group();
        if before.exists() == Exists::No {
            return;
        }
        match name {
            "extern_class" => self.class(content),
            "extern_static" => self.add(content.first(), &before, &Attributes::default()),
            "extern_c" | "extern_C" | "extern_c_unwind" | "extern_fn" => {
                self.items(content, &before)
            }
            _ => {}
        }
    }

    fn class(&mut self, content: &[Token]) {
        let mut inner = Reader {
            rest: content,
            pending: Attributes::default(),
            found: Declarations::default(),
        };
        while let [first, ..] = inner.rest {
            match inner.rest {
                [Token::Mark('#'), Token::Mark('['), ..] => inner.attribute(),
                [Token::Word(word), Token::Word(name), ..] if word == "struct" => {
                    if inner.pending.exists() != Exists::No {
                        let name = inner.pending.class_name().unwrap_or(name);
                        self.found.all.push(Declaration {
                            name: Name::Class(name.to_owned()),
                            link: Link::Unsaid,
                            since: inner.pending.since(),
                        });
                    }
                    return;
                }
                _ => {
                    debug_assert!(!first.is("struct") || inner.rest.len() == 1);
                    inner.rest = &inner.rest[1..];
                }
            }
        }
    }

    /// The items of a block, each of which ends with a semicolon.
    fn items(&mut self, content: &'a [Token], block: &Attributes) {
        let outer = std::mem::replace(&mut self.rest, content);
        let mut own = Attributes::default();
        while let [first, rest @ ..] = self.rest {
            match first {
                Token::Mark('#') if rest.first().is_some_and(|next| next.is_mark('[')) => {
                    self.rest = rest;
                    let content = self.group();
                    own.add(content);
                }
                Token::Word(word) if word == "fn" || word == "static" => {
                    let name = rest.iter().find(|token| !token.is("mut"));
                    self.add(name, block, &std::mem::take(&mut own));
                    self.rest = rest;
                    self.skip_item();
                }
                Token::Mark('(' | '[' | '{') => {
                    self.group();
                }
                Token::Mark(';') => {
                    own = Attributes::default();
                    self.rest = rest;
                }
                _ => self.rest = rest,
            }
        }
        self.rest = outer;
    }

    fn skip_item(&mut self) {
        while let [first, rest @ ..] = self.rest {
            match first {
                Token::Mark('(' | '[' | '{') => {
                    self.group();
                }
                Token::Mark(';') => return,
                _ => self.rest = rest,
            }
        }
    }

    fn add(&mut self, name: Option<&Token>, block: &Attributes, own: &Attributes) {
        let Some(Token::Word(name)) = name else {
            return;
        };
        if own.exists() == Exists::No {
            return;
        }
        let link = block.links().first().cloned().unwrap_or(Link::Unsaid);
        for name in own.symbols(name) {
            self.found.all.push(Declaration {
                name: Name::Symbol(name),
                link: link.clone(),
                since: own.since().or_else(|| block.since()),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(source: &str) -> Vec<String> {
        let shown = |declaration: &Declaration| {
            let name = match &declaration.name {
                Name::Symbol(name) => name.clone(),
                Name::Class(name) => format!("@{name}"),
            };
            let link = match &declaration.link {
                Link::Unsaid => String::new(),
                Link::Framework(name) => format!(" of {name}"),
                Link::Library(name) => format!(" of lib{name}"),
                Link::Archive => " of an archive".to_owned(),
            };
            let since = declaration
                .since
                .map_or(String::new(), |since| format!(" {since}"));
            format!("{name}{link}{since}")
        };
        declarations(source).all.iter().map(shown).collect()
    }

    #[test]
    fn a_block_declares_functions_and_statics_of_its_library() {
        let source = r#"
            #[cfg_attr(target_os = "macos", link(name = "Security", kind = "framework"))]
            unsafe extern "C" {
                /// Says `fn not_this();`
                pub fn SecKeyCopy(key: [u8; 4], f: extern "C" fn(i32) -> i32) -> i32;
                pub static kSecClass: CFStringRef;
                pub static mut kSecMut: u8;
                type Opaque;
            }
            fn rust() { extern "C-unwind" { fn inner(x: i32); } }
            #[link(name = "z")]
            extern { fn inflate(); }
            #[link(name = "av", kind = "static")]
            extern "C" { fn AV_ASSET(); }
        "#;
        assert_eq!(
            shown(source),
            [
                "SecKeyCopy of Security",
                "kSecClass of Security",
                "kSecMut of Security",
                "inner",
                "inflate of libz",
                "AV_ASSET of an archive"
            ]
        );
    }

    #[test]
    fn what_does_not_exist_on_macos_is_left_out() {
        let source = r#"
            #[cfg(windows)] mod imp { extern "system" { fn CreateFileW(); } }
            #[cfg(windows)] extern "system" { fn CloseHandle(); }
            extern "C" {
                #[cfg(target_os = "ios")] fn UIThing();
                #[cfg(not(target_os = "ios"))] fn thing();
            }
            #[cfg(target_os = "linux")] use foo::{a, b};
            extern "C" { fn after(); }
        "#;
        assert_eq!(shown(source), ["thing", "after"]);
    }

    #[test]
    fn classes_have_the_name_that_objective_c_knows() {
        let source = r#"
            extern_class!(
                /// An array
                #[unsafe(super(NSObject))]
                pub struct NSArray<ObjectType: ?Sized = AnyObject>;
            );
            extern_class!( #[name = "Real"] pub struct Renamed; );
            define_class!( struct Mine; );
        "#;
        assert_eq!(shown(source), ["@NSArray", "@Real"]);
    }

    #[test]
    fn macros_of_objc2_declare_symbols() {
        let source = "extern_c! { pub fn objc_getClass(name: *const c_char) -> *const AnyClass; }
            extern_static!(NSAppKitVersion: NSAppKitVersionNumber);
            extern_fn!(pub unsafe fn NSBeep(););
            vec! { 1 }";
        assert_eq!(
            shown(source),
            ["objc_getClass", "NSAppKitVersion", "NSBeep"]
        );
    }

    #[test]
    fn names_and_versions_of_attributes_count() {
        let source = r#"extern "C" {
            #[link_name = "\u{1}_raw$UNIX2003"] fn raw();
            #[cfg_attr(target_os = "macos", link_name = "legacy$LEGACYMAC")] fn legacy();
            #[cfg_attr(feature = "old", link_name = "either_old")] fn either();
            #[link_name = "\u{1}no_underscore"] fn nothing();
            #[link_name = concat!("a", "b")] fn made();
            #[link_name = prefixed!(same)] fn same();
            #[api::available(macos = 14.0, ios = 17.0)] static kNew: u8;
            #[cfg(feature = "OSX_10_15")] fn catalina();
            #[cfg(not(feature = "macos-12"))] fn older();
        }"#;
        assert_eq!(
            shown(source),
            [
                "raw$UNIX2003",
                "legacy$LEGACYMAC",
                "either",
                "either_old",
                "same",
                "kNew 14.0",
                "catalina 10.15",
                "older",
            ]
        );
    }

    #[test]
    fn source_that_breaks_off_is_read_to_its_end() {
        for source in [
            "extern \"C\" {",
            "#[",
            "extern_class!(",
            "extern \"C\" { fn",
            "extern_static!(",
        ] {
            declarations(source);
        }
    }
}
