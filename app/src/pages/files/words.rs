//! Kinds, states and times of files in words.

use portreeve_contract::file::{File, FileStatus};

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

/// “chart.bin is back.”, “3 files are back.”
pub(crate) fn told(files: &[File], one: &str, many: &str) -> String {
    match files {
        [file] => format!("{} {one}", file.name),
        files => format!("{} files {many}", files.len()),
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
    fn waits_are_rounded_up() {
        for (seconds, text) in [(0, "1 s"), (59, "59 s"), (61, "2 min"), (3_601, "2 h")] {
            assert_eq!(wait(seconds), text);
        }
    }
}
