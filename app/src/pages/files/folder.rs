//! What is chosen or dropped: files, and folders with all that is in them.

use js_sys::{Array, Function, Promise, Reflect};
use portreeve_contract::file::MAX_NAME_CHARS;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry};

/// A file that is to be sent.
pub(crate) struct Chosen {
    /// Its bytes.
    pub(crate) file: File,
    /// Its name, with the folders that it was chosen by: `charts/north.png`.
    pub(crate) name: String,
}

impl Chosen {
    fn new(file: File, path: &str) -> Self {
        let path = path.trim_start_matches('/');
        // What is too long for a name still has the last part of it.
        let name = if path.is_empty() || path.chars().nth(MAX_NAME_CHARS).is_some() { file.name() } else { path.to_owned() };
        Self { file, name }
    }
}

/// What was chosen with an input, of files or of a folder.
pub(crate) fn chosen(list: Option<FileList>) -> Vec<Chosen> {
    let files = list.into_iter().flat_map(|list| (0..list.length()).filter_map(move |index| list.get(index)));
    let path = |file: &File| Reflect::get(file, &JsValue::from_str("webkitRelativePath")).ok().and_then(|path| path.as_string());
    files
        .map(|file| {
            let path = path(&file).unwrap_or_default();
            Chosen::new(file, &path)
        })
        .collect()
}

/// What was dropped. To be asked for at once: it is gone when the event is over.
pub(crate) fn dropped(transfer: &DataTransfer) -> Vec<FileSystemEntry> {
    let items = transfer.items();
    (0..items.length()).filter_map(|index| items.get(index)?.webkit_get_as_entry().ok().flatten()).collect()
}

/// All files in these, folder after folder, and how many could not be read.
pub(crate) async fn walk(entries: Vec<FileSystemEntry>) -> (Vec<Chosen>, usize) {
    let (mut found, mut unreadable) = (Vec::new(), 0);
    let mut ahead: Vec<FileSystemEntry> = entries.into_iter().rev().collect();
    while let Some(entry) = ahead.pop() {
        let path = entry.full_path();
        if entry.is_directory() {
            match inside(entry.unchecked_into()).await {
                Ok(entries) => ahead.extend(entries.into_iter().rev()),
                Err(_) => unreadable += 1,
            }
        } else {
            let entry: FileSystemFileEntry = entry.unchecked_into();
            match called_back(|done, failed| entry.file_with_callback_and_callback(done, failed)).await {
                Ok(file) => found.push(Chosen::new(file.unchecked_into(), &path)),
                Err(_) => unreadable += 1,
            }
        }
    }
    (found, unreadable)
}

/// Browsers give a folder's entries in portions, the last of which is empty.
async fn inside(folder: FileSystemDirectoryEntry) -> Result<Vec<FileSystemEntry>, JsValue> {
    let reader = folder.create_reader();
    let mut entries = Vec::new();
    loop {
        let portion = called_back(|done, failed| drop(reader.read_entries_with_callback_and_callback(done, failed))).await?;
        let portion: Array = portion.unchecked_into();
        if portion.length() == 0 {
            return Ok(entries);
        }
        entries.extend(portion.iter().map(JsCast::unchecked_into));
    }
}

/// What `start` gives to the first of two functions.
async fn called_back(start: impl FnOnce(&Function, &Function)) -> Result<JsValue, JsValue> {
    let mut start = Some(start);
    JsFuture::from(Promise::new(&mut |done, failed| {
        if let Some(start) = start.take() {
            start(&done, &failed);
        }
    }))
    .await
}
