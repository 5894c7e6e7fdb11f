//! One section a file, as in `config.default.toml`.

mod accounts;
mod data;
mod database;
mod files;
mod gateway;
mod internal;
mod keys;
mod log;
mod mail;
mod objects;
mod passwords;
mod public;
mod rule;
mod stream;
mod throttle;
mod tls;
mod tokens;

pub use accounts::{Accounts, SignUp, Verification};
pub use data::Data;
pub use database::{Database, Postgres, Sqlite};
pub use files::Files;
pub use gateway::{Access, Cors, Gateway, OWN_PATHS, Upstream};
pub use internal::Internal;
pub use keys::Keys;
pub use log::{Log, LogFormat};
pub use mail::{Folder, Mail, Mailer, Smtp, Tls};
pub use objects::{Folder as ObjectsFolder, Objects, S3};
pub use passwords::Passwords;
pub use public::Public;
pub use rule::{Rule, RuleAction};
pub use stream::{Database as DatabaseStream, Events, Nats, Stream, Worker};
pub use throttle::{Rate, Throttle};
pub use tls::{NoTls, PublicTls, TlsFiles};
pub use tokens::Tokens;
