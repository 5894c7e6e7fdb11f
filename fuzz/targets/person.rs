//! Names, addresses and names of files: what is accepted is one line that cannot deceive, and is accepted again as it is.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portreeve_contract::{email::Email, file::clean_name, name::Name};

fuzz_target!(|text: &str| {
    let deceives = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if let Ok(email) = Email::parse(text) {
        let address = email.as_str();
        assert_eq!(Email::parse(address), Ok(email.clone()));
        assert!(
            address.len() <= 254 && !address.contains(|c: char| deceives(c) || c.is_whitespace() || "<>\",;()".contains(c)),
            "{address:?}"
        );
        let (local, domain) = address.rsplit_once('@').expect("an address");
        assert!(!local.is_empty() && !local.contains('@') && domain.contains('.'), "{address:?}");
        // What makes it unique does not change any more.
        assert_eq!(email.key(), email.key().to_lowercase());
    }
    if let Ok(name) = Name::parse(text) {
        assert!((1..=100).contains(&name.as_str().chars().count()) && !name.as_str().contains(deceives));
        assert_eq!(Name::parse(name.as_str()), Ok(name));
    }
    if let Ok(name) = clean_name(text) {
        assert!(!name.is_empty() && !name.contains(deceives));
        assert_eq!(clean_name(&name), Ok(name));
    }
});
