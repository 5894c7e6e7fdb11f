//! Which paths are an upstream's.

/// The beginning of an upstream's paths, in whole segments.
#[derive(Debug)]
pub(super) struct PathPrefix(String);

impl PathPrefix {
    /// `/` for all.
    pub(super) fn new(path: &str) -> Self {
        Self(path.trim_end_matches('/').to_owned())
    }

    /// Whether `path` is it or lies below it.
    pub(super) fn holds(&self, path: &str) -> bool {
        path.strip_prefix(&self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The same for a reader to whom capitals make no difference.
    pub(super) fn holds_in_any_case(&self, path: &[u8]) -> bool {
        path.split_at_checked(self.0.len())
            .is_some_and(|(start, rest)| start.eq_ignore_ascii_case(self.0.as_bytes()) && (rest.is_empty() || rest.starts_with(b"/")))
    }

    /// What of `path` lies below it: `/`, or what follows.
    pub(super) fn strip<'a>(&self, path: &'a str) -> &'a str {
        match path.strip_prefix(&self.0) {
            Some("") | None => "/",
            Some(rest) => rest,
        }
    }

    /// Puts it in front again.
    pub(super) fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_of_whole_segments() {
        let orders = PathPrefix::new("/orders");
        assert!(orders.holds("/orders") && orders.holds("/orders/") && orders.holds("/orders/7"));
        assert!(!orders.holds("/orders7") && !orders.holds("/") && !orders.holds("/ORDERS"));
        assert!(orders.holds_in_any_case(b"/ORDERS/7") && !orders.holds_in_any_case(b"/ORDERS7") && !orders.holds_in_any_case(b"/"));
        assert_eq!([orders.strip("/orders"), orders.strip("/orders/"), orders.strip("/orders/7")], ["/", "/", "/7"]);
        let all = PathPrefix::new("/");
        assert!(all.holds("/") && all.holds("/7"));
        assert_eq!(all.strip("/7"), "/7");
    }
}
