//! The file with the symbols: all sections with their numbers, the loaded ones without their bytes.

use object::elf::{PT_LOAD, PT_NOTE, PT_PHDR, SHT_NOBITS, SHT_NOTE};

use super::encode::Encoder;
use crate::program::elf::{Layout, Section, Segment};

/// Writes the file with the symbols.
pub fn debug(layout: &Layout<'_>) -> Vec<u8> {
    let header = layout.header.size();
    let mut out = Encoder::new(layout, layout.bytes[..header as usize].to_vec());
    let segments = layout.header.segments.len() as u64 * layout.header.segment_size();
    out.bytes.resize((header + segments) as usize, 0);
    let sections: Vec<_> = layout
        .sections
        .iter()
        .map(|section| place(&mut out, layout, section))
        .collect();
    let at = out.align(8);
    sections.iter().for_each(|section| out.section(section));
    out.set_sections(at, sections.len(), layout.names);
    write_segments(&mut out, layout, &sections);
    out.bytes
}

/// Adds the section's own bytes, if any, and returns its place.
fn place<'a>(out: &mut Encoder, layout: &Layout<'_>, section: &Section<'a>) -> Section<'a> {
    // Notes stay, because the build ID is one.
    if section.is_loaded() && section.kind != SHT_NOTE.0 {
        return Section {
            kind: SHT_NOBITS.0,
            offset: out.bytes.len() as u64,
            ..*section
        };
    }
    if section.file_size() == 0 {
        return *section;
    }
    let offset = out.align(section.alignment);
    out.bytes.extend(layout.content(section));
    Section { offset, ..*section }
}

/// The segments keep their addresses, which a debugger matches with those of a running program.
fn write_segments(out: &mut Encoder, layout: &Layout<'_>, sections: &[Section<'_>]) {
    let end = out.bytes.split_off(layout.header.size() as usize);
    for segment in &layout.header.segments {
        out.segment(&without_content(layout, segment, sections));
    }
    let segments = layout.header.segments.len() * layout.header.segment_size() as usize;
    out.bytes.extend(&end[segments..]);
    out.set_segments(match layout.header.segments.len() {
        0 => 0,
        _ => layout.header.size(),
    });
}

/// A segment without its bytes, except for the headers at its start and notes.
fn without_content(layout: &Layout<'_>, segment: &Segment, sections: &[Section<'_>]) -> Segment {
    let headers =
        layout.header.size() + layout.header.segments.len() as u64 * layout.header.segment_size();
    let is_this = |section: &&Section<'_>| {
        section.kind == SHT_NOTE.0
            && section.address == segment.address
            && section.size == segment.file_size
    };
    let note = sections.iter().find(is_this);
    let has_headers = layout.header.segments_at == layout.header.size() && segment.file_size > 0;
    let (offset, file_size) = match (segment.kind, note) {
        (kind, Some(note)) if kind == PT_NOTE.0 => (note.offset, segment.file_size),
        (kind, _) if kind == PT_PHDR.0 && has_headers => (segment.offset, segment.file_size),
        (kind, _) if kind == PT_LOAD.0 && has_headers && segment.offset == 0 => {
            (0, segment.file_size.min(headers))
        }
        // An offset must be congruent to the address.
        _ => (
            segment
                .address
                .checked_rem(segment.alignment)
                .unwrap_or_default(),
            0,
        ),
    };
    Segment {
        offset,
        file_size,
        ..*segment
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::symbols::testing::Elf;

    #[test]
    fn all_sections_are_there_under_their_numbers() {
        for bits in [32, 64] {
            let program = Elf::usual(bits).bytes();
            let old = Layout::read(&program).expect("valid");
            let file = debug(&old);
            let new = Layout::read(&file).expect("valid");
            assert_eq!(old.sections.len(), new.sections.len());
            for (old_section, section) in old.sections.iter().zip(&new.sections) {
                assert_eq!(
                    (old_section.name, old_section.address),
                    (section.name, section.address)
                );
                assert_eq!(
                    (old_section.size, old_section.link),
                    (section.size, section.link)
                );
                let has_content = !section.is_loaded() || section.kind == SHT_NOTE.0;
                if has_content {
                    assert_eq!(old.content(old_section), new.content(section))
                } else {
                    assert_eq!(section.kind, SHT_NOBITS.0)
                }
            }
            let build_id =
                |layout: &Layout<'_>| layout.build_id().expect("valid").map(<[u8]>::to_vec);
            assert_eq!(build_id(&new), Some(vec![1, 2, 3]));
            assert_eq!(build_id(&new), build_id(&old));
            assert_eq!(new.end(), file.len() as u64);
        }
    }

    #[test]
    fn segments_keep_their_addresses_and_have_no_bytes_but_the_notes() {
        for bits in [32, 64] {
            let program = Elf::usual(bits).bytes();
            let old = Layout::read(&program).expect("valid");
            let file = debug(&old);
            let new = Layout::read(&file).expect("valid");
            let addresses = |layout: &Layout<'_>| -> Vec<_> {
                let segments = layout.header.segments.iter();
                segments
                    .map(|segment| {
                        (
                            segment.kind,
                            segment.address,
                            segment.memory_size,
                            segment.flags,
                        )
                    })
                    .collect()
            };
            assert_eq!(addresses(&new), addresses(&old));
            let [load, note] = new.header.segments.as_slice() else {
                panic!("{:?}", new.header.segments)
            };
            let headers = old.header.size() + 2 * old.header.segment_size();
            assert_eq!((load.offset, load.file_size), (0, headers));
            let start = note.offset as usize;
            let bytes = &file[start..start + note.file_size as usize];
            assert!(bytes.ends_with(&[1, 2, 3, 0]), "{bytes:?}");
        }
    }
}
