//! The program without its symbols: nothing that is loaded moves, so it runs as before.

use object::elf::SHT_STRTAB;

use super::SplitError;
use super::encode::Encoder;
use crate::program::elf::{Layout, Section};

const NAMES: &[u8] = b".shstrtab";
/// Which compilers and linkers made the program: no user and no debugger asks.
const COMMENTS: [&[u8]; 1] = [b".comment"];

/// Writes the program without the sections that are only for debuggers.
pub fn strip(layout: &Layout<'_>) -> Result<Vec<u8>, SplitError> {
    let kept = kept(layout);
    check_order(layout, &kept)?;
    let numbers = Numbers::of(&kept);
    let loaded_end = layout.loaded_end();
    let mut out = Encoder::new(layout, layout.bytes[..loaded_end as usize].to_vec());
    let mut names = vec![0];
    let mut headers = Vec::new();
    for section in kept
        .iter()
        .zip(&layout.sections)
        .filter(|(kept, _)| **kept)
        .map(|(_, section)| section)
    {
        let offset = if section.offset + section.file_size() > loaded_end {
            place(&mut out, layout, section)
        } else {
            section.offset
        };
        headers.push(Section {
            name_at: add_name(&mut names, section.name),
            offset,
            link: numbers.now(section.link),
            info: if section.info_is_section() {
                numbers.now(section.info)
            } else {
                section.info
            },
            ..*section
        });
    }
    let name_at = add_name(&mut names, NAMES);
    headers.push(names_section(
        out.bytes.len() as u64,
        names.len() as u64,
        name_at,
    ));
    out.bytes.extend(names);
    let at = out.align(8);
    headers.iter().for_each(|section| out.section(section));
    out.set_sections(at, headers.len(), headers.len() - 1);
    Ok(out.bytes)
}

/// Which sections stay. The section names also go, because new ones are written, and so do the symbols' strings.
fn kept(layout: &Layout<'_>) -> Vec<bool> {
    let is_loaded = |section: &Section<'_>| section.is_loaded();
    let loaded_end = layout.sections.iter().rposition(is_loaded);
    let stays = |(number, section): (usize, &Section<'_>)| {
        let is_comment = Some(number) > loaded_end && COMMENTS.contains(&section.name);
        !section.is_for_debuggers() && !is_comment
    };
    let mut kept: Vec<_> = layout.sections.iter().enumerate().map(stays).collect();
    let mut remove = |number: usize| {
        if let Some(section) = layout.sections.get(number)
            && !section.is_loaded()
            && number > 0
        {
            kept[number] = false;
        }
    };
    remove(layout.names);
    for section in layout
        .sections
        .iter()
        .filter(|section| section.is_for_debuggers())
    {
        let linked = layout.sections.get(section.link as usize);
        if linked.is_some_and(|linked| linked.kind == SHT_STRTAB.0) {
            remove(section.link as usize);
        }
    }
    // Relocations of a removed section have nothing to relocate.
    for (number, section) in layout.sections.iter().enumerate() {
        let target = layout.sections.get(section.info as usize);
        if section.info_is_section() && target.is_some_and(Section::is_for_debuggers) {
            remove(number);
        }
    }
    kept
}

/// Loaded symbols refer to sections by number, so these numbers must not change.
fn check_order(layout: &Layout<'_>, kept: &[bool]) -> Result<(), SplitError> {
    let last_loaded = layout
        .sections
        .iter()
        .rposition(Section::is_loaded)
        .unwrap_or_default();
    match kept[..=last_loaded.min(kept.len() - 1)]
        .iter()
        .position(|kept| !kept)
    {
        Some(number) => Err(SplitError::Order {
            name: String::from_utf8_lossy(layout.sections[number].name).into_owned(),
        }),
        None => Ok(()),
    }
}

/// Adds a section's content at the end.
fn place(out: &mut Encoder, layout: &Layout<'_>, section: &Section<'_>) -> u64 {
    let offset = out.align(section.alignment);
    out.bytes.extend(layout.content(section));
    offset
}

fn add_name(names: &mut Vec<u8>, name: &[u8]) -> u32 {
    if name.is_empty() {
        return 0;
    }
    let at = names.len() as u32;
    names.extend(name);
    names.push(0);
    at
}

fn names_section(offset: u64, size: u64, name_at: u32) -> Section<'static> {
    Section {
        name: NAMES,
        name_at,
        kind: SHT_STRTAB.0,
        flags: 0,
        address: 0,
        offset,
        size,
        link: 0,
        info: 0,
        alignment: 1,
        entry_size: 0,
    }
}

/// The new number of each remaining section.
struct Numbers(Vec<Option<u32>>);

impl Numbers {
    fn of(kept: &[bool]) -> Self {
        let mut next = 0..;
        Self(kept.iter().map(|kept| kept.then(|| next.next())?).collect())
    }

    /// Zero means no section.
    fn now(&self, old: u32) -> u32 {
        self.0
            .get(old as usize)
            .copied()
            .flatten()
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::symbols::testing::Elf;

    fn stripped(bits: u8) -> Vec<u8> {
        let program = Elf::usual(bits).bytes();
        strip(&Layout::read(&program).expect("valid")).expect("it can be stripped")
    }

    fn names<'a>(layout: &Layout<'a>) -> Vec<&'a str> {
        let names = layout
            .sections
            .iter()
            .map(|section| std::str::from_utf8(section.name).expect("ASCII"));
        names.collect()
    }

    #[test]
    fn what_is_for_debuggers_is_gone_and_the_rest_is_there() {
        for bits in [32, 64] {
            let program = stripped(bits);
            let layout = Layout::read(&program).expect("valid");
            let expected = [
                "",
                ".note.gnu.build-id",
                ".dynsym",
                ".dynstr",
                ".text",
                ".rela.text",
                ".bss",
                ".shstrtab",
            ];
            assert_eq!(names(&layout), expected);
            assert_eq!((layout.names, layout.end()), (7, program.len() as u64));
            let build_id = layout.build_id().expect("valid");
            assert_eq!(build_id, Some(&[1, 2, 3][..]));
        }
    }

    #[test]
    fn nothing_that_is_loaded_moves() {
        for bits in [32, 64] {
            let before = Elf::usual(bits).bytes();
            let after = stripped(bits);
            let old = Layout::read(&before).expect("valid");
            let end = old.loaded_end() as usize;
            // Only the header differs: the location and number of the sections, and the number of the name section.
            let header = old.header.size() as usize;
            assert_eq!(before[header..end], after[header..end]);
            let new = Layout::read(&after).expect("valid");
            for (old, new) in old
                .sections
                .iter()
                .zip(&new.sections)
                .filter(|(old, _)| old.is_loaded())
            {
                assert_eq!(
                    (old.name, old.address, old.offset, old.size),
                    (new.name, new.address, new.offset, new.size)
                );
            }
        }
    }

    #[test]
    fn sections_name_each_other_by_their_new_numbers() {
        let program = stripped(64);
        let layout = Layout::read(&program).expect("valid");
        let number = |name: &str| {
            names(&layout)
                .iter()
                .position(|found| *found == name)
                .expect("there is one") as u32
        };
        let relocations = &layout.sections[number(".rela.text") as usize];
        assert_eq!(
            (relocations.link, relocations.info),
            (number(".dynsym"), number(".text"))
        );
        assert_eq!(
            layout.sections[number(".dynsym") as usize].link,
            number(".dynstr")
        );
    }
}
