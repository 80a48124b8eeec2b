//! Signing a program for one machine ad hoc: with hashes of its pages, and nobody's key.
//!
//! The kernel of macOS starts no arm64 program without a valid signature, and every change of a byte makes one invalid.

use object::macho::{CPU_TYPE_ARM64, LC_CODE_SIGNATURE};

use super::MachError;
use super::signature::{self, ALIGNMENT, Seal, Signed};
use super::thin::{HEADER_BYTES, Thin};

/// Command, size, data offset, data size.
const COMMAND_BYTES: u64 = 16;

/// Signs a program for one machine in place of the signature that it has, if any. Doing it again changes nothing.
///
/// `identifier` is what the program is called, by which macOS remembers what it was allowed to do.
pub fn sign(program: Vec<u8>, identifier: &str) -> Result<Vec<u8>, MachError> {
    sign_with(program, identifier, None)
}

/// Signs the main program of a bundle, and with it what the bundle says of itself and of its files.
pub fn sign_bundle(
    program: Vec<u8>,
    identifier: &str,
    seal: Seal<'_>,
) -> Result<Vec<u8>, MachError> {
    sign_with(program, identifier, Some(seal))
}

fn sign_with(
    mut program: Vec<u8>,
    identifier: &str,
    seal: Option<Seal<'_>>,
) -> Result<Vec<u8>, MachError> {
    let thin = Thin::read(&program)?;
    // 1. The old signature goes; a linker's leaves the mark that others may renew the new one too.
    let linker_signed = cut(&mut program, &thin)?;
    // 2. Without a load command for the old one, there is a new one after the last.
    let command = match thin.signature_command {
        Some(command) => command,
        None => add_command(&mut program, &thin)?,
    };
    // 3. The signature starts at a multiple of 16 bytes, and is the end of `__LINKEDIT`.
    program.resize(program.len().next_multiple_of(ALIGNMENT as usize), 0);
    let signed = Signed {
        identifier,
        text: (thin.text.offset, thin.text.size),
        is_executable: thin.is_executable,
        // No linker signs bundles.
        linker_signed: linker_signed && seal.is_none(),
        seal,
    };
    let code = program.len() as u64;
    let size = signed.size(code);
    if code + size > u64::from(u32::MAX) {
        return Err(MachError::TooLarge { size: code + size });
    }
    // 4. What the header says of all that is part of what is signed.
    put_u32(&mut program, command + 8, code as u32);
    put_u32(&mut program, command + 12, size as u32);
    let linkedit = code + size - thin.linkedit.offset;
    let page = match thin.cpu {
        CPU_TYPE_ARM64 => 0x4000,
        _ => 0x1000,
    };
    put_u64(
        &mut program,
        thin.linkedit.command + 32,
        linkedit.next_multiple_of(page),
    );
    put_u64(&mut program, thin.linkedit.command + 48, linkedit);
    // 5. Only now are the pages what they will be.
    let signature = signed.sign(&program);
    program.extend(signature);
    Ok(program)
}

/// Takes the signature off, and tells whether it was a linker's.
fn cut(program: &mut Vec<u8>, thin: &Thin) -> Result<bool, MachError> {
    let Some((offset, _)) = thin.signature else {
        return Ok(false);
    };
    let linker_signed = signature::is_linker_s(&program[offset as usize..])?;
    program.truncate(offset as usize);
    Ok(linker_signed)
}

/// Adds the load command of a signature, with nothing in it yet, and gives its offset.
fn add_command(program: &mut [u8], thin: &Thin) -> Result<usize, MachError> {
    let unused = program
        .get(thin.commands_end as usize..thin.content as usize)
        .unwrap_or_default();
    let room = unused.iter().take_while(|byte| **byte == 0).count() as u64;
    if room < COMMAND_BYTES {
        return Err(MachError::NoRoom {
            room,
            needed: COMMAND_BYTES,
        });
    }
    let at = thin.commands_end as usize;
    put_u32(program, at, LC_CODE_SIGNATURE.0);
    put_u32(program, at + 4, COMMAND_BYTES as u32);
    // `ncmds` and `sizeofcmds` of the header.
    let count = u32::from_le_bytes(program[16..20].try_into().expect("four bytes"));
    put_u32(program, 16, count + 1);
    put_u32(
        program,
        20,
        (thin.commands_end + COMMAND_BYTES - HEADER_BYTES) as u32,
    );
    Ok(at)
}

fn put_u32(program: &mut [u8], at: usize, value: u32) {
    program[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

fn put_u64(program: &mut [u8], at: usize, value: u64) {
    program[at..at + 8].copy_from_slice(&value.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::macho::testing::{ARM64, Seen, Shape, X86_64, verify};

    fn signed(program: Vec<u8>) -> Vec<u8> {
        sign(program, "hello").expect("it can be signed")
    }

    fn error_of(program: Vec<u8>) -> String {
        sign(program, "hello")
            .expect_err("it cannot be signed")
            .to_string()
    }

    #[test]
    fn a_signed_program_has_the_hashes_of_its_pages() {
        for cpu in [X86_64, ARM64] {
            let program = Shape::program(cpu).bytes();
            let text = program.len() as u64 - 100;
            let seen = verify(&signed(program.clone()));
            let expected = Seen {
                identifier: "hello".to_owned(),
                flags: 2,
                exec_segment: (0, text, 1),
                offset: program.len().next_multiple_of(16),
            };
            assert_eq!(seen, expected);
        }
    }

    #[test]
    fn signing_again_changes_nothing_and_another_name_only_the_signature() {
        let once = signed(Shape::program(ARM64).bytes());
        assert!(signed(once.clone()) == once);
        let other = sign(once.clone(), "another name, which is longer").expect("signed");
        assert_eq!(verify(&other).identifier, "another name, which is longer");
        assert!(signed(other) == once);
    }

    #[test]
    fn a_changed_byte_is_signed_anew_with_the_linker_s_mark_kept() {
        let mut program = signed(Shape::program(ARM64).bytes());
        let flags = verify(&program).offset + 20 + 12;
        program[flags + 1] = 2;
        program[5000] ^= 1;
        let seen = verify(&signed(program));
        assert_eq!(seen.flags, 0x2_0002);
    }

    #[test]
    fn a_library_is_no_main_program() {
        let library = Shape {
            file_type: 6,
            ..Shape::program(ARM64)
        };
        assert_eq!(verify(&signed(library.bytes())).exec_segment.2, 0);
    }

    #[test]
    fn sixteen_bytes_of_room_are_enough_and_fewer_are_refused() {
        let with_room = |room| {
            Shape {
                room,
                ..Shape::program(ARM64)
            }
            .bytes()
        };
        verify(&signed(with_room(16)));
        let expected = "15 bytes of room for load commands; expected 16 for a signature";
        assert_eq!(error_of(with_room(15)), expected);
    }

    #[test]
    fn a_signature_that_says_more_is_not_replaced() {
        let mut certified = signed(Shape::program(ARM64).bytes());
        let at = verify(&certified).offset;
        // The blob in place of the code directory is of another kind.
        certified[at + 20..at + 24].copy_from_slice(&0xfade_0b01u32.to_be_bytes());
        let message = error_of(certified.clone());
        let expected = "signed with a certificate, which an ad-hoc signature cannot hold";
        assert_eq!(message, expected);
        certified[at + 20..at + 24].copy_from_slice(&0xfade_7171u32.to_be_bytes());
        assert!(error_of(certified).starts_with("signed with entitlements, "));
    }

    #[test]
    fn bytes_behind_the_linker_s_tables_are_refused() {
        let mut program = Shape::program(X86_64).bytes();
        let size = program.len();
        program.push(0);
        let expected = format!(
            "the segment `__LINKEDIT` ends at byte {size} of {}; expected it to be the last in file and memory",
            size + 1
        );
        assert_eq!(error_of(program), expected);
    }

    #[test]
    fn what_is_no_linked_64_bit_program_is_refused() {
        assert_eq!(error_of(b"MZ".to_vec()), "not a Mach-O program");
        assert_eq!(error_of(b"\x7fELF\x02".to_vec()), "not a Mach-O program");
        assert_eq!(
            error_of(b"\xca\xfe\xba\xbe\0\0\0\x02".to_vec()),
            "a universal program; expected one for a single machine"
        );
        let i386 = Shape::program(7).bytes();
        assert_eq!(
            error_of(i386),
            "CPU type 0x7; expected 0x1000007 (x86_64) or 0x100000c (arm64)"
        );
        let mut short = Shape::program(ARM64).bytes();
        short.truncate(4000);
        let message = error_of(short);
        assert!(
            message.starts_with("malformed Mach-O program: a segment ends at byte "),
            "{message}"
        );
    }

    #[test]
    fn no_cut_off_program_makes_the_signer_panic() {
        let program = signed(Shape::program(ARM64).bytes());
        for length in (0..program.len()).step_by(7) {
            assert!(
                sign(program[..length].to_vec(), "hello").is_err(),
                "{length}"
            );
        }
    }

    #[test]
    fn no_changed_byte_of_the_header_makes_the_signer_panic() {
        let program = signed(
            Shape {
                field: Some(b"x"),
                ..Shape::program(ARM64)
            }
            .bytes(),
        );
        for at in 0..500 {
            for value in [0, 1, 0x7f, 0xff] {
                let mut changed = program.clone();
                changed[at] = value;
                let _ = sign(changed, "hello");
            }
        }
    }
}
