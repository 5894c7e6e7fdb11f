//! Mails to a server (RFC 5321).

use chrono::{DateTime, Utc};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    message::Mailbox,
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};
use portreeve_config::{Smtp as Config, Tls as TlsConfig};

use super::{Delivered, Error, Mail, message};

/// A server, and a few connections to it.
#[derive(Debug)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
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
        if let (Some(username), Some(password)) = (&config.username, &config.password) {
            builder = builder.credentials(Credentials::new(username.clone(), password.expose().to_owned()));
        }
        Ok(Self { transport: builder.build(), from })
    }

    pub(super) async fn send(&self, mail: &Mail, now: DateTime<Utc>) -> Result<Delivered, Error> {
        let answer = self.transport.send(message::build(&self.from, mail, now)?).await?;
        Ok(Delivered::Accepted(answer.message().collect::<Vec<_>>().join(" ")))
    }

    pub(super) async fn check(&self) -> Result<(), Error> {
        if self.transport.test_connection().await? { Ok(()) } else { Err(Error::Unwell) }
    }
}
