//! Where to go after signing in.

use crate::address::encode;

/// The page that `next` names, if it is one of ours: an absolute path of this origin.
///
/// Browsers drop tabs and line breaks from addresses and read `\` as `/`, so `/\evil` and `/<tab>/evil` would leave the site.
pub fn local_path(next: &str) -> Option<&str> {
    let mut chars = next.chars();
    let ours = chars.next() == Some('/')
        && !matches!(chars.next(), Some('/' | '\\'))
        && !next.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\');
    ours.then_some(next)
}

/// `path?next=…`, or `path` if there is nowhere special to go.
pub fn with_next(path: &str, next: Option<&str>) -> String {
    match next.and_then(local_path) {
        Some(next) if next != "/" => format!("{path}?next={}", encode(next)),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_this_site_are_taken() {
        for path in ["/", "/account", "/account/security#sessions", "/admin/users?search=a%20b&sort=name", "/a//b", "/a?x=//b"] {
            assert_eq!(local_path(path), Some(path));
        }
    }

    #[test]
    fn what_would_leave_the_site_is_not() {
        for path in [
            "",
            "account",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/a\\b",
            "https://evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            " //evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "\u{0}/account",
            "/\u{a0}/evil",
            "?next=/a",
            "#a",
        ] {
            assert_eq!(local_path(path), None, "{path:?} was taken");
        }
    }

    #[test]
    fn a_path_survives_the_query() {
        assert_eq!(with_next("/sign-in", Some("/admin/users?search=a&sort=name")), "/sign-in?next=/admin/users%3Fsearch%3Da%26sort%3Dname");
        assert_eq!(with_next("/sign-in", Some("//evil")), "/sign-in");
        assert_eq!(with_next("/sign-in", None), "/sign-in");
    }
}
