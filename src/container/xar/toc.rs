//! The table of contents.

use super::{Encoding, SUM, Sum};

/// The end of the table, before which spaces may stand.
pub(super) const END: &str = "</xar>\n";

/// A member that is a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) path: String,
    pub(super) encoding: Encoding,
    /// Where it is in the heap.
    pub(super) offset: u64,
    /// How it is held there.
    pub(super) held: u64,
    pub(super) held_sum: Sum,
    /// What is held.
    pub(super) size: u64,
    pub(super) sum: Sum,
}

/// Everything but the end. The date is a text of RFC 3339 in UTC; members of one directory follow each other.
pub(super) fn to_xml(records: &[Record], date: &str) -> String {
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xar>\n <toc>\n  <checksum style=\"sha1\">\n   \
         <offset>0</offset>\n   <size>{SUM}</size>\n  </checksum>\n  <creation-time>{date}</creation-time>\n"
    );
    let mut open: Vec<&str> = Vec::new();
    let mut id = 0;
    let mut start = |xml: &mut String, name: &str, kind: &str, mode: &str| {
        id += 1;
        *xml += &format!(
            "  <file id=\"{id}\">\n   <name>{}</name>\n   <type>{kind}</type>\n   <mode>{mode}</mode>\n   \
             <uid>0</uid>\n   <gid>0</gid>\n   <user>root</user>\n   <group>wheel</group>\n   <mtime>{date}</mtime>\n",
            escaped(name)
        );
    };
    for record in records {
        let mut parts: Vec<_> = record.path.split('/').collect();
        let name = parts.pop().expect("split yields one part");
        let shared = open.iter().zip(&parts).take_while(|(a, b)| a == b).count();
        xml += &"  </file>\n".repeat(open.len() - shared);
        open.truncate(shared);
        for directory in &parts[shared..] {
            start(&mut xml, directory, "directory", "0755");
            open.push(directory);
        }
        start(&mut xml, name, "file", "0644");
        let style = match record.encoding {
            Encoding::Stored => "application/octet-stream",
            Encoding::Zlib => "application/x-gzip",
        };
        xml += &format!(
            "   <data>\n    <archived-checksum style=\"sha1\">{}</archived-checksum>\n    \
             <extracted-checksum style=\"sha1\">{}</extracted-checksum>\n    <encoding style=\"{style}\"/>\n    \
             <offset>{}</offset>\n    <length>{}</length>\n    <size>{}</size>\n   </data>\n  </file>\n",
            hex(&record.held_sum),
            hex(&record.sum),
            record.offset,
            record.held,
            record.size,
        );
    }
    xml += &"  </file>\n".repeat(open.len());
    xml + " </toc>\n"
}

/// The records of a table that [`to_xml`] wrote; `None` for any other one.
pub(super) fn read(xml: &str) -> Option<Vec<Record>> {
    let body = xml.strip_suffix(END)?.trim_end_matches(' ');
    let mut date = "";
    let mut open: Vec<String> = Vec::new();
    let mut records: Vec<Record> = Vec::new();
    for line in body.lines().map(str::trim_start) {
        if let Some(found) = text_of(line, "creation-time") {
            date = found;
        } else if let Some(name) = text_of(line, "name") {
            open.push(unescaped(name));
        } else if line == "</file>" {
            open.pop()?;
        } else if line == "<data>" {
            records.push(Record {
                path: open.join("/"),
                encoding: Encoding::Stored,
                offset: 0,
                held: 0,
                held_sum: [0; SUM],
                size: 0,
                sum: [0; SUM],
            });
        } else if let Some(record) = records.last_mut() {
            fill(record, line)?;
        }
    }
    (to_xml(&records, date) == body).then_some(records)
}

/// Takes over what a line says about a member.
fn fill(record: &mut Record, line: &str) -> Option<()> {
    let number = |text: &str| text.parse().ok();
    if let Some(text) = text_of(line, "offset") {
        record.offset = number(text)?;
    } else if let Some(text) = text_of(line, "length") {
        record.held = number(text)?;
    } else if let Some(text) = text_of(line, "size") {
        record.size = number(text)?;
    } else if line == "<encoding style=\"application/x-gzip\"/>" {
        record.encoding = Encoding::Zlib;
    } else if let Some(text) = sum_text(line, "archived-checksum") {
        record.held_sum = unhex(text)?;
    } else if let Some(text) = sum_text(line, "extracted-checksum") {
        record.sum = unhex(text)?;
    }
    Some(())
}

fn text_of<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let text = line.strip_prefix('<')?.strip_prefix(name)?;
    let text = text.strip_prefix('>')?.strip_suffix('>')?;
    text.strip_suffix(name)?.strip_suffix("</")
}

fn sum_text<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let text = line.strip_prefix('<')?.strip_prefix(name)?;
    let text = text.strip_prefix(" style=\"sha1\">")?;
    text.strip_suffix('>')?
        .strip_suffix(name)?
        .strip_suffix("</")
}

fn hex(sum: &Sum) -> String {
    sum.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Sum> {
    let mut sum = [0; SUM];
    if text.len() != 2 * SUM || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, digits) in sum.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits).ok()?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(sum)
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">");
    text.replace("&amp;", "&")
}
