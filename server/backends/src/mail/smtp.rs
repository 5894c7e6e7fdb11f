//! Mails to a server (RFC 5321).

use std::time::Duration;

use chrono::{DateTime, Utc};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    message::Mailbox,
    transport::smtp::{
        PoolConfig,
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};
use portreeve_config::{Smtp as Config, Tls as TlsConfig};

use super::{Delivered, Error, Mail, STEPS, message};

/// A server.
#[derive(Debug)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// For the whole dialogue: the library bounds only how long it takes to connect.
    limit: Duration,
}

impl Smtp {
    pub(super) fn new(config: &Config, from: Mailbox) -> Result<Self, Error> {
        let parameters = || TlsParameters::new(config.host.clone());
        let tls = match config.tls {
            TlsConfig::Implicit => Tls::Wrapper(parameters()?),
            // Required, not opportunistic: whoever could strip it could read the links.
            TlsConfig::Starttls => Tls::Required(parameters()?),
            TlsConfig::None => Tls::None,
        };
        let mut builder =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host).port(config.port).tls(tls).timeout(Some(config.timeout));
        // Each mail has a connection of its own: on one that was given up half-way, the answer to one mail would be taken for the next one's.
        builder = builder.pool_config(PoolConfig::new().max_size(0));
        if let (Some(username), Some(password)) = (&config.username, &config.password) {
            builder = builder.credentials(Credentials::new(username.clone(), password.expose().to_owned()));
        }
        Ok(Self { transport: builder.build(), from, limit: config.timeout * STEPS })
    }

    pub(super) async fn send(&self, mail: &Mail, now: DateTime<Utc>) -> Result<Delivered, Error> {
        let sent = self.transport.send(message::build(&self.from, mail, now)?);
        let answer = tokio::time::timeout(self.limit, sent).await.map_err(|_| Error::Silent(self.limit))??;
        Ok(Delivered::Accepted(answer.message().collect::<Vec<_>>().join(" ")))
    }

    pub(super) async fn check(&self) -> Result<(), Error> {
        let tested = tokio::time::timeout(self.limit, self.transport.test_connection()).await;
        if tested.map_err(|_| Error::Silent(self.limit))?? { Ok(()) } else { Err(Error::Unwell) }
    }
}
