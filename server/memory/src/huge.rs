//! Memory in huge pages, for work that touches megabytes of it at random. In pages of 4 KiB such work spends a good part of its time on walks through
//! the page tables: 19 MiB are more of them than a processor keeps translations for.

/// A vector of clones of `value`, in transparent huge pages where Linux has any to give, and in ordinary ones elsewhere. What is in it is the same.
///
/// It pays from a few MiB on; below a huge page (2 MiB on most machines) it makes no difference.
///
/// # Panics
/// As [`Vec::with_capacity`] does, if there is no such memory.
pub fn filled<T: Clone>(length: usize, value: T) -> Vec<T> {
    let mut memory = Vec::with_capacity(length);
    #[cfg(target_os = "linux")]
    linux::allowed(|| {
        linux::advise(memory.spare_capacity_mut());
        memory.resize(length, value);
    });
    #[cfg(not(target_os = "linux"))]
    memory.resize(length, value);
    memory
}

#[cfg(target_os = "linux")]
mod linux {
    use std::sync::{Mutex, PoisonError};

    use rustix::{
        mm::{Advice, madvise},
        param::page_size,
        thread::{disable_transparent_huge_pages, transparent_huge_pages_are_disabled},
    };

    /// The switch below is the process's, and threads would turn it off under each other's feet.
    static ALLOWING: Mutex<()> = Mutex::new(());

    /// Does it while the process may have huge pages. An allocator that wants none of its own (mimalloc's `no_thp`) has turned them off for all; those
    /// that memory got meanwhile it keeps.
    pub(super) fn allowed(fill: impl FnOnce()) {
        let _alone = ALLOWING.lock().unwrap_or_else(PoisonError::into_inner);
        let disabled = transparent_huge_pages_are_disabled().unwrap_or(false) && disable_transparent_huge_pages(false).is_ok();
        fill();
        if disabled {
            // Left on, memory would only be given more generously.
            let _ = disable_transparent_huge_pages(true);
        }
    }

    /// Asks for huge pages where nothing was written yet. Whole pages only: the rest of the first and the last may be somebody else's.
    pub(super) fn advise<T>(memory: &mut [T]) {
        let page = page_size();
        let bytes = size_of_val(memory);
        let start = memory.as_mut_ptr().cast::<u8>();
        let skipped = start.align_offset(page);
        let whole = bytes.saturating_sub(skipped) / page * page;
        if whole > 0 {
            // SAFETY: the range lies within `memory`, and this advice changes neither what is mapped there nor what is in it (madvise(2)).
            // A refusal leaves ordinary pages.
            #[expect(unsafe_code, reason = "there is no safe way to say it")]
            let _ = unsafe { madvise(start.wrapping_add(skipped).cast(), whole, Advice::LinuxHugepage) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One test, since the switch is the process's. On a machine whose system gives no huge pages there is nothing to see of them.
    #[test]
    fn memory_is_filled_and_in_huge_pages_even_if_the_process_wants_none() {
        for length in [0, 1, 5000, 3 << 20] {
            assert_eq!(filled(length, 7_u8), vec![7; length]);
        }
        #[cfg(target_os = "linux")]
        {
            rustix::thread::disable_transparent_huge_pages(true).unwrap();
            let memory = filled(32 << 20, 7_u8);
            assert!(rustix::thread::transparent_huge_pages_are_disabled().unwrap());
            let read = |path| std::fs::read_to_string(path).unwrap_or_default();
            let never = !["[always]", "[madvise]"].iter().any(|mode| read("/sys/kernel/mm/transparent_hugepage/enabled").contains(mode));
            let memory_map = read("/proc/self/smaps_rollup");
            let huge = memory_map.lines().find_map(|line| line.strip_prefix("AnonHugePages:")?.strip_suffix("kB")?.trim().parse().ok());
            assert!(never || huge >= Some(2 << 10), "{huge:?} kB of {} bytes", memory.len());
        }
    }
}
