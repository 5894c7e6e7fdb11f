//! Sizes, kinds and times of files in words.

use portreeve_contract::file::FileStatus;

/// “812 KB”, “4.2 MB”: by thousands, as disks and networks are sold.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["KB", "MB", "GB", "TB", "PB"];
    if count == 1 {
        return "1 byte".to_owned();
    }
    if count < 1000 {
        return format!("{count} bytes");
    }
    // In tenths of a unit, so that no rounding lies above the next unit.
    let mut tenths = count / 100;
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    if tenths < 100 && !tenths.is_multiple_of(10) {
        format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
    } else {
        format!("{} {}", tenths / 10, UNITS[unit])
    }
}

/// “18 s”, “3 min”, “2 h”: rounded up, for nobody minds being done early.
pub(crate) fn wait(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{} s", seconds.max(1)),
        60..3600 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3600)),
    }
}

/// The kind of a file, for people.
pub(crate) fn kind(media_type: &str) -> &'static str {
    let (class, name) = media_type.split_once('/').unwrap_or((media_type, ""));
    match (class, name) {
        ("image", _) => "Image",
        ("video", _) => "Video",
        ("audio", _) => "Sound",
        ("text", "html") => "Web page",
        ("text", "csv") => "Table",
        ("text", _) | ("application", "json" | "xml") => "Text",
        ("application", "pdf") => "PDF",
        ("application", "zip" | "gzip" | "x-tar" | "x-7z-compressed" | "zstd" | "x-xz" | "x-bzip2" | "vnd.rar") => "Archive",
        ("application", name) if name.contains("word") => "Document",
        ("application", name) if name.contains("sheet") || name.contains("excel") => "Table",
        ("application", name) if name.contains("presentation") || name.contains("powerpoint") => "Slides",
        _ => "File",
    }
}

/// A state's kind of chip and its word.
pub(crate) const fn state(status: FileStatus) -> (&'static str, &'static str) {
    match status {
        FileStatus::Receiving => ("plain", "Receiving"),
        FileStatus::Accepted => ("attention", "Accepted"),
        FileStatus::Storing => ("signal", "Storing"),
        FileStatus::Stored => ("done", "Stored"),
        FileStatus::Failed => ("failed", "Failed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short_and_never_too_large() {
        for (count, text) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1_000, "1 KB"),
            (4_249_999, "4.2 MB"),
            (812_345, "812 KB"),
            (999_999, "999 KB"),
            (20_000_000_000, "20 GB"),
        ] {
            assert_eq!(bytes(count), text);
        }
    }

    #[test]
    fn waits_are_rounded_up() {
        for (seconds, text) in [(0, "1 s"), (59, "59 s"), (61, "2 min"), (3_601, "2 h")] {
            assert_eq!(wait(seconds), text);
        }
    }
}
