//! A user agent in words.

/// “Firefox on Linux”; “Unknown device” when there is nothing to go by.
pub fn describe(user_agent: &str) -> String {
    let Some(found) = woothee::parser::Parser::new().parse(user_agent) else {
        return "Unknown device".to_owned();
    };
    let system = match found.os {
        "UNKNOWN" => None,
        "Mac OSX" => Some("macOS"),
        "iPhone" => Some("iPhone"),
        "iPad" => Some("iPad"),
        os if os.starts_with("Windows") => Some("Windows"),
        os => Some(os),
    };
    let browser = (found.name != "UNKNOWN").then_some(found.name);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "Unknown device".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::describe;

    #[test]
    fn browsers_and_systems_are_named() {
        for (user_agent, words) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
                "Chrome on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
                "Safari on macOS",
            ),
            ("", "Unknown device"),
            ("x", "Unknown device"),
        ] {
            assert_eq!(describe(user_agent), words);
        }
    }
}
