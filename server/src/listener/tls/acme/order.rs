//! Asking an authority for a certificate.

use std::{error::Error as StdError, time::Duration};

use instant_acme::{
    Account, AuthorizationStatus, ChallengeType, Error as AcmeError, Identifier, NewAccount, NewOrder, OrderStatus, RetryPolicy,
};
use portreeve_config::TlsAcme;
use rcgen::{CertificateParams, DistinguishedName, KeyPair};

use super::{
    Challenges, Client, Store, challenge,
    store::{self, ACCOUNT, CERTIFICATE, NEXT_KEY},
};
use crate::listener::tls::Shown;

/// How long the authority may take to validate, and to sign.
const PATIENCE: RetryPolicy = RetryPolicy::new().initial_delay(Duration::from_millis(500)).backoff(1.5).timeout(Duration::from_mins(3));
const NO_SUCH_ACCOUNT: &str = "urn:ietf:params:acme:error:accountDoesNotExist";

/// Why no certificate was given.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("{}", with_causes(.0))]
    Acme(#[from] AcmeError),
    #[error("the authority does not believe that {name} is served here: {reason}")]
    NotValidated { name: String, reason: String },
    #[error("the authority does not validate {0} by tls-alpn-01")]
    NoChallenge(String),
    #[error(transparent)]
    Challenge(#[from] challenge::Error),
    #[error("a key for the certificate: {0}")]
    Key(#[from] rcgen::Error),
    #[error(transparent)]
    Store(#[from] super::Error),
    #[error("the certificate that was given is no use: {0}")]
    Unfit(Box<dyn StdError + Send + Sync>),
}

/// What an order needs.
pub(super) struct Order<'a> {
    pub(super) settings: &'a TlsAcme,
    pub(super) store: &'a Store,
    pub(super) client: &'a Client,
    pub(super) challenges: &'a Challenges,
}

impl Order<'_> {
    /// Gets a certificate, and keeps it.
    pub(super) async fn place(&self) -> Result<Shown, Error> {
        let mut given = self.place_with(&self.account().await?).await;
        if let Err(Error::Acme(AcmeError::Api(problem))) = &given
            && problem.r#type.as_deref() == Some(NO_SUCH_ACCOUNT)
        {
            tracing::warn!(%problem, "the authority does not know the account, which is put aside; another one is made");
            self.store.put_aside(ACCOUNT)?;
            given = self.place_with(&self.account().await?).await;
        }
        self.challenges.forget();
        given
    }

    async fn place_with(&self, account: &Account) -> Result<Shown, Error> {
        let names: Vec<_> = self.settings.domains.iter().cloned().map(Identifier::Dns).collect();
        let key = KeyPair::generate()?;
        // Where there is no room for it nothing is ordered: authorities count.
        self.store.write(NEXT_KEY, key.serialize_pem().as_bytes())?;
        let mut order = account.new_order(&NewOrder::new(&names)).await?;
        self.show_that_names_are_ours(&mut order).await?;
        if order.poll_ready(&PATIENCE).await? == OrderStatus::Invalid {
            return Err(why_not(&mut order).await);
        }
        let mut request = CertificateParams::new(self.settings.domains.clone())?;
        request.distinguished_name = DistinguishedName::new();
        order.finalize_csr(request.serialize_request(&key)?.der()).await?;
        let chain = order.poll_certificate(&PATIENCE).await?;
        let text = format!("{}\n{}", chain.trim_end(), key.serialize_pem());
        let shown = store::parse(text.as_bytes()).map_err(Error::Unfit)?;
        match self.store.write(CERTIFICATE, text.as_bytes()) {
            Ok(()) => self.store.forget(NEXT_KEY),
            // It is good all the same, until the next start.
            Err(error) => tracing::error!(%error, "the certificate that was given cannot be kept"),
        }
        Ok(shown)
    }

    async fn show_that_names_are_ours(&self, order: &mut instant_acme::Order) -> Result<(), Error> {
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization?;
            let name = authorization.identifier().to_string();
            match authorization.status {
                AuthorizationStatus::Pending => {}
                // Of an order before.
                AuthorizationStatus::Valid => continue,
                status => return Err(Error::NotValidated { name, reason: format!("its authorization is {status:?}") }),
            }
            let Some(mut challenge) = authorization.challenge(ChallengeType::TlsAlpn01) else { return Err(Error::NoChallenge(name)) };
            self.challenges.expect(&name, challenge.key_authorization().digest().as_ref())?;
            challenge.set_ready().await?;
        }
        Ok(())
    }

    /// The one that is kept, or a new one.
    async fn account(&self) -> Result<Account, Error> {
        let builder = || Account::builder_with_http(Box::new(self.client.clone()));
        if let Some(kept) = self.store.read(ACCOUNT)? {
            match serde_json::from_slice(&kept) {
                Ok(credentials) => return Ok(builder().from_credentials(credentials).await?),
                Err(error) => {
                    tracing::warn!(%error, path = %self.store.path(ACCOUNT).display(), "the account cannot be read and is put aside; another one is made");
                    self.store.put_aside(ACCOUNT)?;
                }
            }
        }
        let contact = self.settings.contact.as_ref().map(|address| format!("mailto:{address}"));
        let contact: Vec<_> = contact.iter().map(String::as_str).collect();
        let new = NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
        let (account, credentials) = builder().create(&new, self.settings.directory.to_string(), None).await?;
        let text = serde_json::to_vec_pretty(&credentials).map_err(AcmeError::from)?;
        self.store.write(ACCOUNT, &text)?;
        tracing::info!(account = account.id(), "an account was made with the authority");
        Ok(account)
    }
}

/// What the authority says of the first name that it did not find here.
async fn why_not(order: &mut instant_acme::Order) -> Error {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = match authorization {
            Ok(authorization) => authorization,
            Err(error) => return error.into(),
        };
        if let Err(error) = authorization.refresh().await {
            return error.into();
        }
        if let Some(problem) = authorization.challenges.iter().find_map(|challenge| challenge.error.as_ref()) {
            return Error::NotValidated { name: authorization.identifier().to_string(), reason: problem.to_string() };
        }
    }
    AcmeError::Str("the order is invalid and nothing says why").into()
}

/// HTTP's errors say what happened in their causes alone.
fn with_causes(error: &AcmeError) -> String {
    let mut all = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        all = format!("{all}: {error}");
        cause = error.source();
    }
    all
}
