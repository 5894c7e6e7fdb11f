//! Names of what is stored: none leaves its folder, and each has one spelling.

#![no_main]

use std::path::{Component, Path};

use libfuzzer_sys::fuzz_target;
use portreeve_backends::fuzzing::{object_path, staged};

fuzz_target!(|name: &str| {
    if let Some(path) = object_path(name) {
        assert_eq!(path, name);
        assert!(path.len() <= 200 && !path.contains('\\'));
        assert!(Path::new(&path).components().all(|part| matches!(part, Component::Normal(_))), "{path:?}");
    }
    if let Some(staged) = staged(name) {
        assert_eq!(staged.name, name);
        assert!(name.starts_with(&staged.file.0.simple().to_string()) && object_path(name).is_some());
    }
});
