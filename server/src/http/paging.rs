//! The pages around a page, as a `Link` header (RFC 8288).

use http::{HeaderMap, HeaderValue, Uri, header};
use url::form_urlencoded;

/// Links to the same list, from other cursors; none where there is no such page.
pub(super) fn links(uri: &Uri, pages: &[(&str, Option<&str>)]) -> HeaderMap {
    by("cursor", uri, pages)
}

/// As [`links`], for a list whose cursor goes by another name.
pub(super) fn by(parameter: &str, uri: &Uri, pages: &[(&str, Option<&str>)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (relation, cursor) in pages {
        let Some(cursor) = cursor else { continue };
        let asked = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).filter(|(name, _)| name != parameter);
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(asked).append_pair(parameter, cursor).finish();
        if let Ok(link) = HeaderValue::try_from(format!("<{}?{query}>; rel=\"{relation}\"", uri.path())) {
            headers.append(header::LINK, link);
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_asks_for_the_same_from_elsewhere() {
        let uri = "/v1/users?search=a%26b%3C&cursor=old&limit=5".parse().unwrap();
        let headers = links(&uri, &[("next", Some("n_1-")), ("prev", None)]);
        let all: Vec<_> = headers.get_all(header::LINK).iter().collect();
        assert_eq!(all, ["</v1/users?search=a%26b%3C&limit=5&cursor=n_1->; rel=\"next\""]);
    }
}
