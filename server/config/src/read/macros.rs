//! Declares what can be set: each setting once, with its bounds, and reading and showing follow from that.

/// A section: a table whose every key is a setting.
///
/// `= value` is for a key that may be left out, which is one of a `kind` that is not the default's: all others have their default in
/// `config.default.toml`. `=> bound` bounds the value; `check = function;` compares several.
macro_rules! settings {
    (
        $(#[$doc:meta])*
        pub struct $name:ident {
            $( $(#[$field_doc:meta])* $field:ident: $type:ty $(= $default:expr)? $(=> $bound:expr)? ),* $(,)?
        }
        $(check = $whole:path;)?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $( $(#[$field_doc])* pub $field: $type, )*
        }

        impl $crate::read::Section for $name {
            fn fields(reader: &mut $crate::read::Reader<'_>) -> Result<Self, $crate::read::Reported> {
                // All are read before any is missed, so that every mistake is told.
                $(
                    let $field = reader.get::<$type>(
                        stringify!($field),
                        $crate::read::settings!(@default $($default)?),
                        $crate::read::settings!(@bound $($bound)?),
                    );
                )*
                reader.refuse_unknown();
                let section = Self { $( $field: $field?, )* };
                $(
                    if let Err(conflict) = $whole(&section) {
                        return Err(reader.report_conflict(conflict));
                    }
                )?
                Ok(section)
            }

            #[allow(unused_variables, reason = "a kind may have nothing to set")]
            fn show_fields(&self, shown: &mut $crate::read::Shown) {
                $( $crate::read::Read::show(&self.$field, stringify!($field), shown); )*
            }
        }

        impl $crate::read::Read for $name {
            fn read(reader: &mut $crate::read::Reader<'_>, key: &str) -> $crate::read::Given<Self> {
                let Some(mut reader) = reader.enter(key)? else { return Ok(None) };
                <Self as $crate::read::Section>::fields(&mut reader).map(Some)
            }

            fn show(&self, key: &str, shown: &mut $crate::read::Shown) {
                shown.table(key, |shown| $crate::read::Section::show_fields(self, shown));
            }

            fn want() -> String {
                "the section".to_owned()
            }
        }
    };
    (@default) => { None };
    (@default $default:expr) => { Some($default) };
    (@bound) => { None };
    (@bound $bound:expr) => { Some(&$bound) };
}

/// A section that is one of several kinds, each with settings of its own, so that none can be half written.
macro_rules! kinds {
    (
        $(#[$doc:meta])*
        pub enum $name:ident { $( $(#[$kind_doc:meta])* $word:literal => $kind:ident ),+ $(,)? }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name {
            $( $(#[$kind_doc])* $kind($kind), )+
        }

        impl $crate::read::Read for $name {
            fn read(reader: &mut $crate::read::Reader<'_>, key: &str) -> $crate::read::Given<Self> {
                const KINDS: &str = $crate::read::words!(@want $($word)+);
                let Some(mut reader) = reader.enter(key)? else { return Ok(None) };
                match reader.kind() {
                    $( Some($word) => <$kind as $crate::read::Section>::fields(&mut reader).map(|kind| Some(Self::$kind(kind))), )+
                    _ => Err(reader.report_kind(KINDS)),
                }
            }

            fn show(&self, key: &str, shown: &mut $crate::read::Shown) {
                shown.table(key, |shown| match self {
                    $( Self::$kind(kind) => { shown.set("kind", $word.into()); $crate::read::Section::show_fields(kind, shown); } )+
                });
            }

            fn want() -> String {
                "the section".to_owned()
            }
        }
    };
}

/// A setting that is one of a few words.
macro_rules! words {
    (
        $(#[$doc:meta])*
        pub enum $name:ident { $( $(#[$word_doc:meta])* $word:literal => $variant:ident ),+ $(,)? }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $( $(#[$word_doc])* $variant, )+
        }

        impl $crate::read::Leaf for $name {
            const WANT: &'static str = $crate::read::words!(@want $($word)+);

            fn parse(raw: &$crate::read::Raw) -> Option<Self> {
                match raw.text()? {
                    $( $word => Some(Self::$variant), )+
                    _ => None,
                }
            }

            fn to_toml(&self) -> toml::Value {
                match self {
                    $( Self::$variant => $word.into(), )+
                }
            }
        }
    };
    (@want $first:literal $($other:literal)*) => { concat!("\"", $first, "\"" $(, " or \"", $other, "\"")*) };
}

pub(crate) use {kinds, settings, words};
