//! The pages of the program's own code.

use std::{fs, ops::Range};

use rustix::mm::{Advice, madvise};

/// Lets go of the code that was needed so far: a start runs through much that is never run again, and the kernel brings in sixteen pages wherever one is
/// touched. They stay in its cache of files; what is needed again is back within a microsecond, without the disk.
///
/// A refusal changes nothing.
pub fn release_code() {
    let (Ok(program), Ok(maps)) = (fs::read_link("/proc/self/exe"), fs::read_to_string("/proc/self/maps")) else { return };
    let Some(program) = program.to_str() else { return };
    for Range { start, end } in maps.lines().filter_map(|line| code(line, program)) {
        // SAFETY: what is mapped there from a file, may be run and cannot be written, is the file's bytes: a page that is gone is read again when it is
        // touched (madvise(2), MADV_DONTNEED). The loader writes no code, as position-independent programs have no relocations in theirs.
        #[expect(unsafe_code, reason = "there is no safe way to say it")]
        let _ = unsafe { madvise(std::ptr::with_exposed_provenance_mut(start), end - start, Advice::LinuxDontNeed) };
    }
}

/// The addresses of a line of `/proc/self/maps` (proc(5)), if it is code of the program.
fn code(line: &str, program: &str) -> Option<Range<usize>> {
    let mut words = line.split_ascii_whitespace();
    let (addresses, rights) = (words.next()?, words.next()?);
    // offset, device, inode
    let path = words.nth(3)?;
    let (start, end) = addresses.split_once('-')?;
    let range = usize::from_str_radix(start, 16).ok()?..usize::from_str_radix(end, 16).ok()?;
    (rights == "r-xp" && path == program && range.start < range.end).then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kilobytes of this program's code in memory.
    fn resident() -> u64 {
        let program = fs::read_link("/proc/self/exe").unwrap();
        let maps = fs::read_to_string("/proc/self/smaps").unwrap();
        let mut is_code = false;
        let mut kilobytes = 0;
        for line in maps.lines() {
            if let Some(rss) = line.strip_prefix("Rss:") {
                kilobytes += if is_code { rss.trim().trim_end_matches(" kB").parse::<u64>().unwrap() } else { 0 };
            } else if line.as_bytes().first().is_some_and(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase()) {
                is_code = code(line, program.to_str().unwrap()).is_some();
            }
        }
        kilobytes
    }

    #[test]
    fn code_goes_and_comes_back() {
        let before = resident();
        release_code();
        assert!(resident() < before, "of {before} kB");
        // All of this ran after it.
        assert_eq!(format!("{:?}", [1, 2].iter().map(|number| number * 2).collect::<Vec<_>>()), "[2, 4]");
    }

    #[test]
    fn nothing_is_code_but_what_is_only_run() {
        let found = |line| code(line, "/bin/portreeve");
        assert_eq!(found("1000-3000 r-xp 0126c000 fe:00 7007006   /bin/portreeve"), Some(0x1000..0x3000));
        for line in [
            "1000-3000 r--p 0126c000 fe:00 7007006   /bin/portreeve",
            "1000-3000 rwxp 0126c000 fe:00 7007006   /bin/portreeve",
            "1000-3000 r-xp 0126c000 fe:00 7007006   /lib/libc.so.6",
            "1000-3000 r-xp 00000000 00:00 0",
            "1000-3000 r-xp 00000000 00:00 0   [vdso]",
            "",
        ] {
            assert_eq!(found(line), None, "{line}");
        }
    }
}
