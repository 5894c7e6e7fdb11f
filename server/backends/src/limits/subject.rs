//! Who or what is counted.

use std::net::IpAddr;

use uuid::Uuid;

/// Declares the kinds and their names.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)*) => {
        /// What is counted. Each kind has room of its own, so that a flood of one pushes nothing of another out.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// All there are.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// As a part of a key's name.
            pub(super) const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }
        }
    };
}

kinds! {
    /// Requests of a network address.
    Address = "address",
    /// Requests of an account.
    Account = "account",
    /// Requests with a key for machines.
    Key = "key",
    /// Passwords tried from a network address.
    TriesFrom = "tries-from",
    /// Passwords tried on an account.
    TriesOn = "tries-on",
    /// Accounts made from a network address.
    SignUp = "sign-up",
    /// Mails to an address.
    Mail = "mail",
}

/// One of a kind, by an id or by a hash: what is counted is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Subject {
    pub(super) kind: Kind,
    pub(super) id: [u8; 16],
}

impl Subject {
    /// By an id.
    pub fn id(kind: Kind, id: Uuid) -> Self {
        Self { kind, id: id.into_bytes() }
    }

    /// By a hash, half of which tells it from all others.
    pub fn hash(kind: Kind, hash: &[u8; 32]) -> Self {
        let mut id = [0; 16];
        id.copy_from_slice(&hash[..16]);
        Self { kind, id }
    }

    /// By the network that an address is in.
    pub fn network(kind: Kind, address: IpAddr) -> Self {
        let id = match network(address) {
            IpAddr::V4(v4) => v4.to_ipv6_mapped(),
            IpAddr::V6(v6) => v6,
        };
        Self { kind, id: id.octets() }
    }
}

/// What stands for one client: an IPv4 address, or the /64 that one IPv6 subscriber has.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscriber_is_one_client() {
        let of = |address: &str| Subject::network(Kind::Address, address.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::9"));
        assert_ne!(of("2001:db8:1:2::9"), of("2001:db8:1:3::9"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
