use ipnet::IpNet;

use crate::read::{Bound, settings, words};

/// Longer ones would only cost time.
const PATTERN: usize = 256;

settings! {
    /// Whether requests that it fits come in.
    pub struct Rule {
        /// What it is called in logs and metrics.
        name: String => Bound::new(|name: &String| super::gateway::is_name(name), "a name of 1 to 63 lower-case letters, digits and hyphens"),
        /// What becomes of them.
        action: RuleAction,
        /// Whom they come from; anybody, if there is none.
        addresses: Vec<IpNet> = Vec::new(),
        /// Their methods; any, if there is none.
        methods: Vec<String> = Vec::new() => Bound::new(
            |methods: &Vec<String>| methods.iter().all(|method| !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase())),
            "methods in capitals, such as [\"POST\", \"DELETE\"]",
        ),
        /// A path and all below it, or one with `*`.
        path: Option<String> => Bound::new(
            |path: &Option<String>| path.as_ref().is_none_or(|path| is_pattern(path) && path.starts_with(['/', '*'])),
            "a path that begins with / or *, of at most 256 characters",
        ),
        /// A header's name, a colon, and a pattern of its value.
        header: Option<String> => Bound::new(
            |header: &Option<String>| header.as_ref().is_none_or(|header| is_header(header)),
            "a header's name, a colon and what its value looks like, such as \"x-tool: *scanner*\"",
        ),
        /// A pattern of `User-Agent`.
        user_agent: Option<String> => Bound::new(
            |pattern: &Option<String>| pattern.as_ref().is_none_or(|pattern| is_pattern(pattern)),
            "at most 256 characters",
        ),
    }
}

words! {
    /// What becomes of a request that a rule fits.
    pub enum RuleAction {
        /// It comes in, whatever the rules below say.
        "allow" => Allow,
        /// It does not.
        "block" => Block,
        /// It is logged and counted.
        "count" => Count,
    }
}

fn is_pattern(text: &str) -> bool {
    text.len() <= PATTERN
}

/// The name is a token (RFC 9110 §5.6.2).
fn is_header(text: &str) -> bool {
    let is_token =
        |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
    text.split_once(':').is_some_and(|(name, value)| is_token(name.trim()) && !value.trim().is_empty() && is_pattern(value))
}
