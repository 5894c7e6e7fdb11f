//! Accounts that were there before, and people who sign in to them.

use std::path::Path;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use http::header;
use portreeve_backends::{Clock, Random};
use portreeve_contract::UserId;
use portreeve_database::{
    Database, DbErr, Url, migration,
    user::{self, Kind, Role, User},
};
use serde_json::{Value, json};

use super::{
    Outcome,
    load::{Answer, Call, Connection},
};

/// Everybody's.
pub(crate) const PASSWORD: &str = "tide lantern harbour box";
const SALT: &[u8] = b"the same for all";
const REFRESH_COOKIE: &str = "__Host-portreeve_refresh=";

/// Argon2id at the parameters of config.default.toml.
pub(crate) fn argon2id() -> Outcome<Argon2<'static>> {
    let params = Params::new(19_456, 2, 1, Some(32)).map_err(|error| error.to_string())?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Makes a database of that many accounts in the folder; they are called by [`email`] and all have [`PASSWORD`].
pub(crate) async fn fill(data: &Path, count: u32) -> Outcome<()> {
    let mut hash = [0; 32];
    argon2id()?.hash_password_into(PASSWORD.as_bytes(), SALT, &mut hash).map_err(|error| error.to_string())?;
    let (salt, hash) = (BASE64_STANDARD_NO_PAD.encode(SALT), BASE64_STANDARD_NO_PAD.encode(hash));
    let password_hash = format!("$argon2id$v=19$m=19456,t=2,p=1${salt}${hash}");

    let database = Database::connect(&Url::Sqlite { path: data.join("portreeve.db"), readers: 1 }).await?;
    migration::apply(&database).await?;
    let filled = database.write(async move |transaction| {
        for number in 0..count {
            user::insert(&transaction, account(number, password_hash.clone())).await?;
        }
        Ok::<_, DbErr>(())
    });
    filled.await?;
    database.close().await;
    Ok(())
}

fn account(number: u32, password_hash: String) -> User {
    let now = Clock::System.now();
    let (name, email) = (format!("Person {number}"), email(number));
    User {
        id: UserId(Random::System.uuid(now)),
        kind: Kind::Person,
        name_key: name.to_lowercase(),
        name,
        email_key: email.clone(),
        email,
        email_verified_at: Some(now),
        pending_email: None,
        password_hash,
        role: if number == 0 { Role::Admin } else { Role::Member },
        disabled_at: None,
        erase_at: None,
        created_at: now,
        version: 1,
    }
}

/// The address of an account.
pub(crate) fn email(number: u32) -> String {
    format!("person-{number}@example.org")
}

/// Someone who is signed in.
pub(crate) struct Person {
    access_token: String,
    refresh_cookie: String,
}

impl Person {
    /// The call that signs somebody in.
    pub(crate) fn signing_in(number: u32) -> Outcome<Call> {
        Call::post("/api/auth/sign_in", &json!({ "credentials": { "email": email(number), "password": PASSWORD } }))
    }

    pub(crate) async fn sign_in(connection: &mut Connection, number: u32) -> Outcome<Self> {
        Self::from(&connection.succeed(&Self::signing_in(number)?).await?)
    }

    /// The call that reads their profile.
    pub(crate) fn reading(&self) -> Outcome<Call> {
        Call::post("/api/users/profile", &json!({}))?.with(header::AUTHORIZATION, &self.bearer())
    }

    /// What they put into `Authorization`.
    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.access_token)
    }

    /// Exchanges the refresh token for its successor.
    pub(crate) async fn refresh(&mut self, connection: &mut Connection) -> Outcome<()> {
        let call = Call::post("/api/auth/refresh", &json!({}))?.with(header::COOKIE, &self.refresh_cookie)?;
        let next = Self::from(&connection.succeed(&call).await?)?;
        if next.refresh_cookie == self.refresh_cookie {
            return Err("the refresh token was not rotated".into());
        }
        *self = next;
        Ok(())
    }

    fn from(answer: &Answer) -> Outcome<Self> {
        let body: Value = serde_json::from_slice(&answer.body)?;
        let access_token = body["access_token"].as_str().ok_or("an answer without access token")?.to_owned();
        let mut cookies = answer.headers.get_all(header::SET_COOKIE).iter().filter_map(|line| line.to_str().ok()?.split(';').next());
        let refresh_cookie = cookies.find(|pair| pair.starts_with(REFRESH_COOKIE)).ok_or("an answer without refresh token")?.to_owned();
        Ok(Self { access_token, refresh_cookie })
    }
}
