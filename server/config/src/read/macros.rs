//! Declares what can be set: each setting once, with its bounds, and reading and showing follow from that.

/// A section: a table whose every key is a setting.
///
/// `= value` is for a key that may be left out, which is one of a `kind` that is not the default's: all others have their default in
/// `config.default.toml`. `=> check` bounds the value; `check = function;` compares several.
macro_rules! settings {
    (
        $(#[$doc:meta])*
        pub struct $name:ident {
            $( $(#[$field_doc:meta])* $field:ident: $type:ty $(= $default:expr)? $(=> $check:expr)? ),+ $(,)?
        }
        $(check = $whole:path;)?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $( $(#[$field_doc])* pub $field: $type, )+
        }

        impl $name {
            pub(crate) fn fields(reader: &mut $crate::read::Reader<'_>) -> Result<Self, $crate::read::Reported> {
                // All are read before any is missed, so that every mistake is told.
                $(
                    let $field = reader.get::<$type>(
                        stringify!($field),
                        $crate::read::settings!(@option $($default)?),
                        $crate::read::settings!(@check $type, $($check)?),
                    );
                )+
                reader.refuse_unknown();
                let section = Self { $( $field: $field?, )+ };
                $(
                    if let Err((key, message)) = $whole(&section) {
                        return Err(reader.report(key, message));
                    }
                )?
                Ok(section)
            }

            pub(crate) fn show_fields(&self, shown: &mut $crate::read::Shown) {
                $( $crate::read::Read::show(&self.$field, stringify!($field), shown); )+
            }
        }

        impl $crate::read::Read for $name {
            fn read(reader: &mut $crate::read::Reader<'_>, key: &str) -> $crate::read::Given<Self> {
                let Some(mut reader) = reader.enter(key)? else { return Ok(None) };
                Self::fields(&mut reader).map(Some)
            }

            fn show(&self, key: &str, shown: &mut $crate::read::Shown) {
                shown.table(key, |shown| self.show_fields(shown));
            }

            fn want() -> String {
                "the section".to_owned()
            }
        }
    };
    (@option) => { None };
    (@option $default:expr) => { Some($default) };
    (@check $type:ty,) => { None };
    (@check $type:ty, $check:expr) => { Some($crate::read::check::<$type>(&$check)) };
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
                const KINDS: &str = concat!("one of" $(, " \"", $word, "\"")+);
                let Some(mut reader) = reader.enter(key)? else { return Ok(None) };
                let kind: String = reader.get("kind", None, None)?;
                match kind.as_str() {
                    $( $word => $kind::fields(&mut reader).map(|kind| Some(Self::$kind(kind))), )+
                    other => {
                        let name = reader.name_of("kind");
                        Err(reader.report("kind", format!("{name} = {other:?} is not known. Write {KINDS}.")))
                    }
                }
            }

            fn show(&self, key: &str, shown: &mut $crate::read::Shown) {
                shown.table(key, |shown| match self {
                    $( Self::$kind(kind) => { shown.set("kind", $word.into()); kind.show_fields(shown); } )+
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
            const WANT: &'static str = concat!("one of" $(, " \"", $word, "\"")+);

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
}

pub(crate) use {kinds, settings, words};
