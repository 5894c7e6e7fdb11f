//! Someone must be left to look after the installation.

use portreeve_contract::UserId;
use portreeve_database::{Transaction, user};

use super::Error;

/// Passes unless `id` is the only administrator who can sign in. The administrators' rows are held until the transaction ends, so that two
/// administrators cannot remove each other at the same moment.
pub(super) async fn not_the_last(transaction: &Transaction, id: UserId) -> Result<(), Error> {
    let admins = user::find_admins_for_update(transaction).await?;
    if admins.len() == 1 && admins[0].id == id { Err(Error::LastAdmin) } else { Ok(()) }
}
