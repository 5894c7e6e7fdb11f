//! A key that signs access tokens.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// A row of `signing_keys`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_keys")]
pub struct Model {
    /// JWK thumbprint (RFC 7638).
    #[sea_orm(primary_key, auto_increment = false)]
    pub kid: String,
    /// PKCS #8, sealed; the `kid` is authenticated with it.
    pub sealed: Vec<u8>,
    /// The public half as JWK (RFC 7517).
    pub jwk: Json,
    /// When it was made; published from then on.
    pub created_at: DateTime<Utc>,
    /// Signs from here until a later key does.
    pub signs_from: DateTime<Utc>,
    /// Published until here; none while it signs or waits to.
    pub retires_at: Option<DateTime<Utc>>,
}

super::unrelated!();
