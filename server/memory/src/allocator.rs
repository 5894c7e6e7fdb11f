//! mimalloc, asked for no more than is needed.
//!
//! Its own crate asks for an alignment each time, also where every block has it. From a kilobyte on (the future of a request is larger) mimalloc then takes
//! more than was asked for and looks for the place that fits in it, and has to find the beginning again when it is given back.
#![expect(unsafe_code, reason = "an allocator cannot be written without")]

use std::{
    alloc::{GlobalAlloc, Layout},
    ffi::c_void,
};

use libmimalloc_sys::{mi_free, mi_malloc, mi_malloc_aligned, mi_realloc, mi_realloc_aligned, mi_zalloc, mi_zalloc_aligned};

/// What C promises of each block that has room for it: `alignof(max_align_t)` (C17 §7.22.3), on machines of 64 bits.
const MALLOC: usize = if cfg!(target_pointer_width = "64") { 16 } else { 8 };

/// Under many small requests glibc's spends twice the time on memory.
#[derive(Clone, Copy, Debug)]
pub struct Allocator;

/// Whether any block of this size is aligned so.
const fn is_plain(size: usize, align: usize) -> bool {
    align <= MALLOC && align <= size
}

// SAFETY: each call is the one of mimalloc's that does what `GlobalAlloc` asks for, with blocks that are aligned as they have to be (`is_plain`, or told);
// `mi_free` and the two that reallocate take blocks of any of them.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let (size, align) = (layout.size(), layout.align());
        // SAFETY: any size may be asked for, and `Layout` has only alignments that are powers of two.
        unsafe { if is_plain(size, align) { mi_malloc(size) } else { mi_malloc_aligned(size, align) }.cast() }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let (size, align) = (layout.size(), layout.align());
        // SAFETY: as above.
        unsafe { if is_plain(size, align) { mi_zalloc(size) } else { mi_zalloc_aligned(size, align) }.cast() }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, _: Layout) {
        // SAFETY: the caller has it from here.
        unsafe { mi_free(block.cast::<c_void>()) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let (block, align) = (block.cast::<c_void>(), layout.align());
        // SAFETY: the caller has it from here, and it stays as it is where there is no room for a larger one.
        unsafe { if is_plain(size, align) { mi_realloc(block, size) } else { mi_realloc_aligned(block, size, align) }.cast() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_aligned_and_keep_what_is_in_them() {
        for align in (0..=12).map(|power| 1 << power) {
            for size in [1, 7, 8, 9, 15, 16, 17, 24, 40, 100, 1023, 1025, 1500, 5000, 70_000] {
                let layout = Layout::from_size_align(size, align).unwrap();
                // SAFETY: what is written lies within the blocks, and each goes back with the layout that it was given last.
                unsafe {
                    let zeroed = Allocator.alloc_zeroed(layout);
                    assert!((0..size).all(|at| *zeroed.add(at) == 0), "{layout:?}");
                    let block = Allocator.alloc(layout);
                    block.write_bytes(7, size);
                    let larger = Layout::from_size_align(size * 3, align).unwrap();
                    let grown = Allocator.realloc(block, layout, larger.size());
                    assert!((0..size).all(|at| *grown.add(at) == 7), "{layout:?}");
                    for pointer in [zeroed, grown] {
                        assert_eq!(pointer.align_offset(align), 0, "{layout:?}");
                    }
                    Allocator.dealloc(zeroed, layout);
                    Allocator.dealloc(grown, larger);
                }
            }
        }
    }
}
