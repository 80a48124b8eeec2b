//! Names of streams: two letters of a name are one character of Unicode, so that names fit into a compound file.

/// The letters that are joined.
const LETTERS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._";
/// Where characters for pairs start, and those for single letters.
const PAIRS: u32 = 0x3800;
const SINGLE: u32 = 0x4800;

/// The name as the compound file has it.
pub(super) fn encoded(name: &str) -> String {
    let index = |c: char| LETTERS.iter().position(|letter| char::from(*letter) == c);
    let joined = |number: u32| char::from_u32(number).expect("below 0x4840");
    let mut encoded = String::new();
    let mut rest = name.chars().peekable();
    while let Some(c) = rest.next() {
        let Some(first) = index(c) else {
            encoded.push(c);
            continue;
        };
        match rest.peek().and_then(|c| index(*c)) {
            Some(second) => {
                rest.next();
                encoded.push(joined(PAIRS + (first + (second << 6)) as u32));
            }
            None => encoded.push(joined(SINGLE + first as u32)),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_other_databases() {
        // As msitools writes them.
        assert_eq!(encoded("_Tables"), "\u{3f7f}\u{4164}\u{422f}\u{4836}");
        assert_eq!(
            encoded("app-x.cab"),
            "\u{44e4}\u{4833}-\u{47bb}\u{4126}\u{4825}"
        );
    }
}
