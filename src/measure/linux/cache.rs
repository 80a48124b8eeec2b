//! Drops a program from the page cache, and looks whether it is gone.

use std::fs::File;
use std::io;

use super::system;
use crate::evidence::measurement::Cache;
use crate::measure::MeasureError;

/// Drops a program's file before a cold start; with `all`, everything, which needs root and makes the whole machine slow for a
/// while.
pub(in crate::measure) fn drop_cache(file: &File, all: bool) -> Result<Cache, MeasureError> {
    if all {
        system::sync();
        std::fs::write("/proc/sys/vm/drop_caches", "3")
            .map_err(|source| MeasureError::DropCaches { source })?;
    }
    Ok(match dropped(file) {
        Ok(0) if all => Cache::AllDropped,
        Ok(0) => Cache::ProgramDropped,
        Ok(kept) => Cache::Kept(format!("the system kept {kept} bytes of the program in it")),
        Err(error) => Cache::Kept(format!("the system did not drop it: {error}")),
    })
}

/// How many bytes are in the cache after the program was to be dropped.
fn dropped(file: &File) -> io::Result<u64> {
    system::drop_from_cache(file)?;
    system::cached_bytes(file, file.metadata()?.len())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn what_was_just_written_is_in_the_cache() {
        let mut file = tempfile::tempfile().expect("a place");
        file.write_all(&[7; 100_000]).expect("writable");
        let cached = system::cached_bytes(&file, 100_000).expect("it can be asked");
        assert!(cached >= 100_000, "{cached}");
        // Whether it can be dropped is for the file system to say; a kept page is told.
        match drop_cache(&file, false).expect("nothing needs root") {
            Cache::ProgramDropped => {
                assert_eq!(
                    system::cached_bytes(&file, 100_000).expect("it can be asked"),
                    0
                );
            }
            Cache::Kept(reason) => assert!(reason.starts_with("the system "), "{reason}"),
            Cache::AllDropped => panic!("nobody asked for that"),
        }
    }
}
