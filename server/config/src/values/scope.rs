//! What keys may be for, by their names on the wire.

use portreeve_contract::api_key::Scope;

use crate::read::{Leaf, Raw};

impl Leaf for Scope {
    const WANT: &'static str = "one of \"account:read\", \"account:write\", \"files:read\", \"files:write\", \"users:read\", \"users:write\", \
                                \"stream:read\", \"stream:write\" and \"upstreams:call\"";

    fn parse(raw: &Raw) -> Option<Self> {
        raw.text()?.parse().ok()
    }

    fn to_toml(&self) -> toml::Value {
        self.as_str().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_them_are_told() {
        for scope in Scope::ALL {
            assert!(<Scope as Leaf>::WANT.contains(&format!("\"{}\"", scope.as_str())), "{scope:?}");
        }
    }
}
