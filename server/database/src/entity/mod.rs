//! Rows as they are stored.

pub mod api_key;
pub mod consumer;
pub mod dead_letter;
pub mod delivery;
pub mod event;
pub mod file;
pub mod idempotency_key;
pub mod identity;
pub mod link;
pub mod mail;
pub mod measure;
pub mod secret;
pub mod segment;
pub mod session;
pub mod share;
pub mod signing_key;
pub mod upload;
pub mod usage;
pub mod user;

/// An entity whose relations are kept by foreign keys alone: queries here name what they join.
macro_rules! unrelated {
    () => {
        /// None: queries name what they join.
        #[derive(Copy, Clone, Debug, sea_orm::EnumIter, sea_orm::DeriveRelation)]
        pub enum Relation {}

        impl sea_orm::ActiveModelBehavior for ActiveModel {}
    };
}
pub(crate) use unrelated;
