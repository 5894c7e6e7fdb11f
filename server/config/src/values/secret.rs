//! Settings that nobody may read over a shoulder.

use zeroize::Zeroizing;

use crate::read::{Given, Node, Read, Reader, Shown, Value};

/// A password, or a URL with one in it. Neither `Debug` nor `config show` tells it, and its memory is wiped when it is dropped.
#[derive(Clone, PartialEq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// For tests and for secrets that are made rather than read.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The secret itself, for the place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

/// Written as itself, or as the path of a file that holds it under the same name with `_file`; never both, since nobody could tell
/// which one counts.
impl Read for Secret {
    fn read(reader: &mut Reader<'_>, key: &str) -> Given<Self> {
        let file_key = format!("{key}_file");
        let (name, file_name) = (reader.name_of(key), reader.name_of(&file_key));
        match (reader.node(key), reader.node(&file_key)) {
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err(reader.report(&file_key, format!("Both {name} and {file_name} are given. Keep one of the two."))),
            // What was written is not quoted: it may be the secret in the wrong type.
            (Some(Node { value: Value::Leaf(raw), .. }), None) => match raw.text().filter(|text| !text.is_empty()) {
                Some(text) => Ok(Some(Self::new(text))),
                None => Err(reader.report(key, format!("{name} cannot be read. Write {}.", Self::want()))),
            },
            (Some(_), None) => Err(reader.report(key, format!("{name} is a single setting, not a section."))),
            (None, Some(_)) => {
                let path: std::path::PathBuf = reader.get(&file_key, None, None)?;
                match from_file(&path) {
                    Ok(secret) => Ok(Some(secret)),
                    Err(what) => Err(reader.report(&file_key, format!("{file_name} = {:?} {what}.", path.display().to_string()))),
                }
            }
        }
    }

    fn show(&self, key: &str, shown: &mut Shown) {
        shown.set(key, "hidden".into());
    }

    fn want() -> String {
        "the secret as text, or the path of a file that holds it under the same name with _file".to_owned()
    }
}

fn from_file(path: &std::path::Path) -> Result<Secret, String> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|error| format!("cannot be read: {error}"))?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() { Err("is empty; the secret belongs into it".to_owned()) } else { Ok(Secret::new(line)) }
}
