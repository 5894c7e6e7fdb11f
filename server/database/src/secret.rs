//! Sealed secrets.

use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel};

use crate::entity::secret::Entity;
pub use crate::entity::secret::Model as Secret;

/// The secret of that name.
pub async fn find(db: &impl ConnectionTrait, name: &str) -> Result<Option<Secret>, DbErr> {
    Entity::find_by_id(name.to_owned()).one(db).await
}

/// Keeps a new secret; a unique violation if there is one of that name.
pub async fn insert(db: &impl ConnectionTrait, secret: Secret) -> Result<Secret, DbErr> {
    secret.into_active_model().insert(db).await
}
