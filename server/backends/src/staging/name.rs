//! Names of segments: `<file>_<start>_<writer>`, which sort by file and are keys of objects as well.

use chrono::{DateTime, Utc};
use portreeve_contract::FileId;
use uuid::Uuid;

use super::Error;

/// Something that is staged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staged {
    /// Under which it is found.
    pub name: String,
    /// Of which file it is a part.
    pub file: FileId,
    /// When its writer began.
    pub began: DateTime<Utc>,
}

pub(super) fn name(file: FileId, start: u64, writer: Uuid) -> String {
    format!("{}_{start}_{}", file.0.simple(), writer.simple())
}

/// Reads a name back, if it is one that [`name`] makes, to the letter.
pub(crate) fn parse(text: &str) -> Result<Staged, Error> {
    let refused = || Error::Name(text.chars().take(200).collect());
    let [file, start, writer] = text.split('_').collect::<Vec<_>>()[..] else { return Err(refused()) };
    let (file, start, writer) = match (Uuid::try_parse(file), start.parse(), Uuid::try_parse(writer)) {
        (Ok(file), Ok(start), Ok(writer)) => (FileId(file), start, writer),
        _ => return Err(refused()),
    };
    if name(file, start, writer) != text {
        return Err(refused());
    }
    let (seconds, nanos) = writer.get_timestamp().ok_or_else(refused)?.to_unix();
    let began = i64::try_from(seconds).ok().and_then(|seconds| DateTime::from_timestamp(seconds, nanos)).ok_or_else(refused)?;
    Ok(Staged { name: text.to_owned(), file, began })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use portreeve_contract::FileId;

    use super::{name, parse};
    use crate::Random;

    #[test]
    fn a_name_tells_its_file_and_since_when() {
        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let random = Random::seeded(1);
        let (file, writer) = (FileId(random.uuid(now)), random.uuid(now));
        let staged = parse(&name(file, 12, writer)).unwrap();
        assert_eq!((staged.file, staged.began), (file, now));
    }

    #[test]
    fn other_names_are_refused() {
        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let ours = name(FileId(Random::seeded(1).uuid(now)), 12, Random::seeded(2).uuid(now));
        let others = [
            String::new(),
            "..".to_owned(),
            ".portreeve-staging".to_owned(),
            format!("../{ours}"),
            format!("{ours}\0"),
            format!("{ours}_1"),
            ours.to_uppercase(),
            ours.replace("_12_", "_012_"),
            ours.replace("_12_", "_+12_"),
            ours.replace("_12_", "_-12_"),
            ours.replace("_12_", "_99999999999999999999_"),
        ];
        for other in others {
            assert!(parse(&other).is_err(), "{other:?}");
        }
    }
}
