//! What `fuzz/` calls: parsers that are nobody else's business. Compiled by cargo-fuzz alone.

use std::path::Path;

use portreeve_backends::{Clock, Random};
use portreeve_contract::SessionId;
use portreeve_database::{Database, Url, migration};
use uuid::Uuid;

use crate::{
    files::link::Token,
    keys::{MasterKey, Ring},
    list::{self, SortedBy},
    tokens::RefreshToken,
};

/// A cursor as it is written, if it is one of a list that is sorted by time (0), text (1) or number (2).
pub fn cursor(text: &str, by: u8) -> Option<String> {
    let by = [SortedBy::Time, SortedBy::Text, SortedBy::Number][usize::from(by % 3)];
    list::decode(Some(text), by).ok()?.map(|(direction, key)| list::encode(direction, key))
}

/// What tokens are made and read with.
#[derive(Debug)]
pub struct Tokens(Ring);

impl Tokens {
    /// With new keys, in a folder.
    pub async fn open(folder: &Path) -> Self {
        let database = Database::connect(&Url::Sqlite { path: folder.join("portreeve.db"), readers: 1 }).await.expect("a database");
        migration::apply(&database).await.expect("its tables");
        let master = MasterKey::load_or_create(&folder.join("master.key"), &Random::System).expect("a master key");
        let lifetime = std::time::Duration::from_mins(5);
        Self(Ring::open(&database, &Clock::System, &Random::System, &master, lifetime).await.expect("keys"))
    }

    /// A refresh token.
    pub fn refresh(&self, session: u128) -> String {
        RefreshToken::first(SessionId(Uuid::from_u128(session)), [7; 32]).encode(&self.0)
    }

    /// A refresh token that was read, as it is written.
    pub fn read_refresh(&self, text: &str) -> Option<String> {
        RefreshToken::decode(&self.0, text).map(|token| token.encode(&self.0))
    }

    /// The token of a link to a file's content, as it is written, if it is one.
    pub fn read_link(&self, text: &str) -> Option<String> {
        Token::decode(&self.0, text).map(|token| token.encode(&self.0))
    }
}
