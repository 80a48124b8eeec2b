//! Readers of compressed streams that distinguish damaged data from a failed read.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use liblzma::read::XzDecoder;
use liblzma::stream::{CONCATENATED, Stream};

/// The memory limit for an xz stream, in bytes: `xz -9` needs 65 MiB.
const MAX_XZ_MEMORY_BYTES: u64 = 128 << 20;

/// The largest window of a zstd frame, as a power of two: 128 MiB, what `zstd --ultra -22` uses.
const MAX_ZSTD_WINDOW_LOG: u32 = 27;

/// Compressed data that its decoder refuses; it is inside the [`io::Error`] of a [`Decoder`].
#[derive(Debug, thiserror::Error)]
#[error("the {codec} data is damaged: {reason}")]
pub struct Damaged {
    codec: &'static str,
    reason: String,
}

impl Damaged {
    /// What a decoder elsewhere says.
    pub(crate) fn new(codec: &'static str, reason: &str) -> Self {
        let reason = reason.to_owned();
        Self { codec, reason }
    }

    /// For data that something else decodes, as an error of a reader.
    pub(crate) fn error(codec: &'static str, reason: impl Into<String>) -> io::Error {
        let reason = reason.into();
        io::Error::new(io::ErrorKind::InvalidData, Self { codec, reason })
    }
}

/// An error of the underlying file, wrapped to distinguish it from the decoder's own errors.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unreadable(io::Error);

struct Source<R>(R);

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0
            .read(buffer)
            .map_err(|e| io::Error::new(e.kind(), Unreadable(e)))
    }
}

/// Decompresses; if the data is damaged, the error contains [`Damaged`].
pub struct Decoder<'a> {
    codec: &'static str,
    inner: Box<dyn Read + 'a>,
}

/// Reads gzip with any number of members.
pub fn gzip<'a>(input: impl Read + 'a) -> Decoder<'a> {
    let inner = Box::new(MultiGzDecoder::new(Source(input)));
    Decoder {
        codec: "gzip",
        inner,
    }
}

/// Reads xz with any number of streams.
pub fn xz<'a>(input: impl Read + 'a) -> io::Result<Decoder<'a>> {
    let stream = Stream::new_stream_decoder(MAX_XZ_MEMORY_BYTES, CONCATENATED)?;
    let inner = Box::new(XzDecoder::new_stream(Source(input), stream));
    Ok(Decoder { codec: "xz", inner })
}

/// Reads zstd with any number of frames.
pub fn zstd<'a>(input: impl Read + 'a) -> io::Result<Decoder<'a>> {
    let mut decoder = zstd::Decoder::new(Source(input))?;
    decoder.window_log_max(MAX_ZSTD_WINDOW_LOG)?;
    let inner = Box::new(decoder);
    Ok(Decoder {
        codec: "zstd",
        inner,
    })
}

impl Read for Decoder<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer).map_err(|e| {
            if e.kind() == io::ErrorKind::Interrupted {
                return e;
            }
            match e.downcast::<Unreadable>() {
                Ok(Unreadable(of_the_file)) => of_the_file,
                Err(of_the_data) => {
                    let (codec, reason) = (self.codec, of_the_data.to_string());
                    io::Error::new(io::ErrorKind::InvalidData, Damaged { codec, reason })
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::compress::gzip::{Level, compress};

    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::new(io::ErrorKind::TimedOut, "unplugged"))
        }
    }

    fn read_to_error(mut decoder: Decoder<'_>) -> io::Error {
        io::copy(&mut decoder, &mut io::sink()).expect_err("cannot be read")
    }

    fn is_damaged(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|inner| inner.is::<Damaged>())
    }

    #[test]
    fn truncated_and_foreign_data_is_damaged() {
        let good = compress(b"some content", Level::Best);
        let xz_error = read_to_error(xz(&good[..]).expect("a valid limit"));
        assert!(is_damaged(&xz_error), "{xz_error}");
        for bad in [
            &good[..good.len() - 1],
            b"not gzip",
            b"",
            &[&good[..], b"tail"].concat(),
        ] {
            let error = read_to_error(gzip(bad));
            assert!(is_damaged(&error), "{error}");
        }
    }

    #[test]
    fn a_zstd_frame_that_is_cut_off_or_needs_too_much_memory_is_damaged() {
        let whole = zstd_frame(b"some content", 23);
        for bad in [
            &whole[..whole.len() - 1],
            b"not zstd",
            &[&whole[..], b"tail"].concat(),
            &zstd_frame(b"some content", 28),
        ] {
            let error = read_to_error(zstd(bad).expect("a valid limit"));
            assert!(is_damaged(&error), "{error}");
        }
    }

    fn zstd_frame(content: &[u8], window_log: u32) -> Vec<u8> {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).expect("a valid level");
        encoder.window_log(window_log).expect("a valid window");
        io::Write::write_all(&mut encoder, content).expect("written to memory");
        encoder.finish().expect("written to memory")
    }

    #[test]
    fn an_unreadable_file_is_not_damaged() {
        for decoder in [
            gzip(Broken),
            xz(Broken).expect("a valid limit"),
            zstd(Broken).expect("a valid limit"),
        ] {
            let error = read_to_error(decoder);
            assert!(!is_damaged(&error));
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        }
    }
}
