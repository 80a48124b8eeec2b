//! xz in blocks, compressed by all threads: one stream (The .xz File Format 1.2.1).
//!
//! liblzma compresses each block; the stream around the blocks is written here, because liblzma's own threads would not
//! share the run's. As liblzma's threaded encoder does, each block's header has its sizes, by which readers find the
//! blocks and decompress them in parallel.

use std::io::{self, Write};

use libdeflater::Crc;
use liblzma::stream::{Action, Check, Filters, LzmaOptions, Status, Stream};
use liblzma::write::XzEncoder;

use super::even_pieces;
use super::ordered::{Ordered, Work};
use crate::model::threads::Threads;

/// How much longer it takes than gzip at its default level, measured.
pub const EFFORT: u32 = 30;

/// The preset of `xz` and `dpkg-deb`: a dictionary of 8 MiB, small enough for every reader.
const PRESET: u32 = 6;

/// A block in flight takes up to 130 MB, so a machine with many cores could run out of memory. The number does not
/// change the output.
const MAX_IN_FLIGHT: usize = 8;

/// liblzma's default for the preset. A larger block compresses hardly better, because the dictionary is a third of it.
const MAX_BLOCK_BYTES: u64 = 24 << 20;

/// The magic bytes and the flags, which say CRC64 (2.1.1).
const HEADER: [u8; 8] = *b"\xfd7zXZ\0\0\x04";

/// The length of the magic bytes, the flags, and their CRC32; and of the footer.
const HEADER_LENGTH: usize = 12;

/// What decompressing a small stream may take: a dictionary of 1 MiB, the largest block of squashfs, and a little more.
const MAX_SMALL_MEMORY: u64 = 4 << 20;

const CRC64_LENGTH: u64 = 8;

/// What is done to the content before it is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Nothing.
    None,
    /// Jumps and calls of x86 code get absolute targets, so that calls of one function look alike.
    X86,
}

impl Filter {
    fn stream(self) -> io::Result<Stream> {
        let mut filters = Filters::new();
        if self == Self::X86 {
            filters.x86();
        }
        filters.lzma2(&LzmaOptions::new_preset(PRESET)?);
        Ok(Stream::new_stream_encoder(&filters, Check::Crc64)?)
    }
}

/// One stream with the checksum that the Linux kernel reads and a dictionary of so many bytes, for content that is hardly
/// larger than that.
pub fn compress_small(content: &[u8], dictionary: u32) -> io::Result<Vec<u8>> {
    let mut options = LzmaOptions::new_preset(PRESET)?;
    options.dict_size(dictionary);
    let mut filters = Filters::new();
    filters.lzma2(&options);
    let stream = Stream::new_stream_encoder(&filters, Check::Crc32)?;
    let mut encoder = XzEncoder::new_stream(Vec::new(), stream);
    encoder.write_all(content)?;
    encoder.finish()
}

/// Fills `output` from the start with the content of one stream and returns the number of bytes; `None` if the stream is damaged
/// or its content does not fit.
pub fn decompress_small(stream: &[u8], output: &mut [u8]) -> Option<usize> {
    let mut decoder = Stream::new_stream_decoder(MAX_SMALL_MEMORY, 0).ok()?;
    let status = decoder.process(stream, output, Action::Finish).ok()?;
    let is_whole = status == Status::StreamEnd && decoder.total_in() == stream.len() as u64;
    is_whole.then(|| decoder.total_out() as usize)
}

/// A compressed block with its header, check and padding.
struct Block {
    bytes: Vec<u8>,
    /// The length without the padding.
    unpadded: u64,
    content: u64,
}

impl Block {
    fn new(content: &[u8], filter: Filter) -> io::Result<Self> {
        let mut encoder = XzEncoder::new_stream(Vec::new(), filter.stream()?);
        encoder.write_all(content)?;
        let stream = encoder.finish()?;
        // The last field but two of the footer is the length of the index, in units of four bytes less one (2.1.2.2).
        let footer = stream.len() - HEADER_LENGTH;
        let backward = u32::from_le_bytes(stream[footer + 4..][..4].try_into().expect("four"));
        let index = footer - (backward as usize + 1) * 4;
        // The length of a block's header, in the same units, is its first byte (3.1.1).
        let header = &stream[HEADER_LENGTH..][..(usize::from(stream[HEADER_LENGTH]) + 1) * 4];
        let body = &stream[HEADER_LENGTH + header.len()..index];
        // The index has one record, whose first number is the block's length without padding (4.3).
        let (unpadded, _) = number_at(&stream[index + 2..]);
        let compressed = unpadded - header.len() as u64 - CRC64_LENGTH;
        let header = with_sizes(header, compressed, content.len() as u64);
        Ok(Self {
            unpadded: header.len() as u64 + compressed + CRC64_LENGTH,
            content: content.len() as u64,
            bytes: [&header[..], body].concat(),
        })
    }
}

/// The header of a block without sizes, with them (3.1).
fn with_sizes(header: &[u8], compressed: u64, content: u64) -> Vec<u8> {
    const BOTH_SIZES: u8 = 0xc0;
    let mut sized = vec![0, header[1] | BOTH_SIZES];
    push_number(&mut sized, compressed);
    push_number(&mut sized, content);
    sized.extend_from_slice(&header[2..header.len() - 4]);
    sized.resize(sized.len().next_multiple_of(4), 0);
    sized[0] = (sized.len() / 4) as u8;
    push_crc(&mut sized, 0);
    sized
}

/// Adds the CRC32 of what follows `start`.
fn push_crc(bytes: &mut Vec<u8>, start: usize) {
    let mut crc = Crc::new();
    crc.update(&bytes[start..]);
    bytes.extend_from_slice(&crc.sum().to_le_bytes());
}

/// Adds a number in as many bytes as it needs, seven bits in each (1.2).
fn push_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// The number at the start, and its length.
fn number_at(bytes: &[u8]) -> (u64, usize) {
    let length = 1 + bytes.iter().take_while(|byte| **byte >= 0x80).count();
    let digits = bytes[..length].iter().rev();
    let number = digits.fold(0, |number, byte| number << 7 | u64::from(byte & 0x7f));
    (number, length)
}

/// Compresses the bytes written to it. The output is incomplete until [`XzWriter::finish`].
pub struct XzWriter<W: Write> {
    out: W,
    buffer: Vec<u8>,
    block_bytes: usize,
    blocks: Ordered<io::Result<Block>>,
    /// Of each block, the length without padding and that of its content.
    records: Vec<(u64, u64)>,
}

/// Compresses the bytes written to it, about `size` bytes.
///
/// The blocks have equal lengths, so that all threads finish at about the same time; if `size` is too small, the last
/// block is short.
pub fn writer<W: Write>(
    mut out: W,
    size: u64,
    filter: Filter,
    threads: &Threads,
) -> io::Result<XzWriter<W>> {
    let mut header = HEADER.to_vec();
    push_crc(&mut header, HEADER.len() - 2);
    out.write_all(&header)?;
    let in_flight = (threads.count().get() + 1).min(MAX_IN_FLIGHT);
    let work = move || -> Work<io::Result<Block>> {
        Box::new(move |content| Block::new(&content, filter))
    };
    Ok(XzWriter {
        out,
        buffer: Vec::new(),
        block_bytes: even_pieces(size, MAX_BLOCK_BYTES) as usize,
        blocks: Ordered::with_limit(threads, in_flight, work),
        records: Vec::new(),
    })
}

impl<W: Write> XzWriter<W> {
    fn push(&mut self) -> io::Result<()> {
        let content = std::mem::take(&mut self.buffer);
        match self.blocks.push(content) {
            Some(block) => self.store(block?),
            None => Ok(()),
        }
    }

    fn store(&mut self, block: Block) -> io::Result<()> {
        self.out.write_all(&block.bytes)?;
        self.records.push((block.unpadded, block.content));
        Ok(())
    }

    /// Compresses the remaining bytes and returns the underlying stream.
    pub fn finish(mut self) -> io::Result<W> {
        if !self.buffer.is_empty() {
            self.push()?;
        }
        while let Some(block) = self.blocks.pop() {
            self.store(block?)?;
        }
        let index = index(&self.records);
        self.out.write_all(&index)?;
        self.out.write_all(&footer(index.len()))?;
        Ok(self.out)
    }
}

/// The lengths of all blocks (4).
fn index(records: &[(u64, u64)]) -> Vec<u8> {
    let mut index = vec![0];
    push_number(&mut index, records.len() as u64);
    for (unpadded, content) in records {
        push_number(&mut index, *unpadded);
        push_number(&mut index, *content);
    }
    index.resize(index.len().next_multiple_of(4), 0);
    push_crc(&mut index, 0);
    index
}

/// What ends a stream (2.1.2).
fn footer(index_length: usize) -> Vec<u8> {
    let mut fields = ((index_length / 4 - 1) as u32).to_le_bytes().to_vec();
    fields.extend_from_slice(&HEADER[6..]);
    let mut crc = Crc::new();
    crc.update(&fields);
    [&crc.sum().to_le_bytes()[..], &fields, b"YZ"].concat()
}

impl<W: Write> Write for XzWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.capacity() == 0 {
            self.buffer.reserve_exact(self.block_bytes);
        }
        let n = bytes.len().min(self.block_bytes - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..n]);
        if self.buffer.len() == self.block_bytes {
            self.push()?;
        }
        Ok(n)
    }

    /// Does not end a block, because the blocks' lengths would then depend on the caller.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::num::NonZeroUsize;

    use super::*;
    use crate::container::compress::decode;

    fn compress(content: &[u8], size: u64, filter: Filter, threads: usize) -> Vec<u8> {
        let threads = NonZeroUsize::new(threads).expect("not zero");
        let compress = |threads: &Threads, ()| {
            let mut writer = writer(Vec::new(), size, filter, threads).expect("a valid preset");
            writer.write_all(content).expect("written to memory");
            writer.finish().expect("written to memory")
        };
        Threads::each(threads, vec![()], compress).remove(0)
    }

    fn decompress(bytes: &[u8]) -> Vec<u8> {
        let mut content = Vec::new();
        decode::xz(bytes)
            .expect("a valid limit")
            .read_to_end(&mut content)
            .expect("is what was compressed");
        content
    }

    fn numbers(count: u32) -> Vec<u8> {
        (0..count).flat_map(|n| (n / 3).to_le_bytes()).collect()
    }

    #[test]
    fn blocks_are_alike_and_within_the_limit() {
        assert_eq!(even_pieces(0, MAX_BLOCK_BYTES), 1 << 20);
        assert_eq!(
            even_pieces(MAX_BLOCK_BYTES, MAX_BLOCK_BYTES),
            MAX_BLOCK_BYTES
        );
        assert_eq!(
            even_pieces(MAX_BLOCK_BYTES + 2, MAX_BLOCK_BYTES),
            MAX_BLOCK_BYTES / 2 + 1
        );
        assert_eq!(
            even_pieces(2 * MAX_BLOCK_BYTES + 4, MAX_BLOCK_BYTES),
            MAX_BLOCK_BYTES / 2 + 1
        );
    }

    #[test]
    fn the_bytes_do_not_depend_on_the_number_of_threads() {
        // More blocks than are in flight: the estimate of the size was too small.
        let content = numbers(2_500_000);
        for filter in [Filter::None, Filter::X86] {
            let once = compress(&content, 0, filter, 1);
            assert_eq!(once, compress(&content, 0, filter, 3));
            assert!(decompress(&once) == content);
        }
    }

    #[test]
    fn no_content_is_a_stream_without_blocks() {
        let empty = compress(b"", 0, Filter::None, 1);
        assert_eq!(empty.len(), 32);
        assert_eq!(decompress(&empty), b"");
    }

    /// liblzma's own encoder of a whole stream leaves the sizes out, and is else the same.
    #[test]
    fn a_block_differs_from_that_of_liblzma_by_the_sizes_alone() {
        let content = numbers(1000);
        let stream = Filter::None.stream().expect("a valid preset");
        let mut encoder = XzEncoder::new_stream(Vec::new(), stream);
        encoder.write_all(&content).expect("written to memory");
        let theirs = encoder.finish().expect("written to memory");
        let ours = compress(&content, 0, Filter::None, 1);
        assert_eq!(ours[..12], theirs[..12]);
        let (their_header, our_header) = (&theirs[12..24], &ours[12..28]);
        // Two flags, and as many bytes as both sizes need, in place of padding.
        assert_eq!(their_header[..5], [2, 0, 0x21, 1, 0x16]);
        assert_eq!(our_header[..2], [3, 0xc0]);
        let (compressed, length) = number_at(&our_header[2..]);
        let (size, length_of_size) = number_at(&our_header[2 + length..]);
        assert_eq!(size, 4000);
        assert_eq!(
            our_header[2 + length + length_of_size..][..3],
            [0x21, 1, 0x16]
        );
        let body = (compressed as usize).next_multiple_of(4) + CRC64_LENGTH as usize;
        assert_eq!(ours[28..][..body], theirs[24..][..body]);
    }

    #[test]
    fn code_for_x86_becomes_smaller_by_the_filter() {
        // Calls of one function from many places: relative distances differ, the place does not.
        let code: Vec<u8> = (0..20_000u32)
            .flat_map(|n| {
                let mut call = [0x90; 8];
                call[0] = 0xe8;
                call[1..5].copy_from_slice(&0x0010_0000u32.wrapping_sub(n * 8).to_le_bytes());
                call
            })
            .collect();
        let [plain, filtered] =
            [Filter::None, Filter::X86].map(|filter| compress(&code, 0, filter, 1));
        assert!(filtered.len() * 2 < plain.len());
        assert!(decompress(&filtered) == code);
    }
}
