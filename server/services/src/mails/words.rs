//! Words that are worked out: names made harmless, times, lines.

use chrono::{DateTime, Utc};

/// Readers of plain text quote it, and quoted lines should still fit 80 columns.
const COLUMNS: usize = 76;
/// A name may have 100 characters, which is enough for an advertisement.
const NAME_CHARS: usize = 60;

/// What people wrote as one line of visible text, in its own order: without control characters and bidirectional formatting.
pub(super) fn clean(text: &str) -> String {
    let visible: String = text
        .chars()
        .map(|c| if c.is_control() || c.is_whitespace() { ' ' } else { c })
        .filter(|c| !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'))
        .collect();
    visible.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// How a person is greeted, if by name. Whoever signs up chooses both the name and the address that the mail goes to, so a name that mail
/// programs would turn into a link is left out: no stranger advertises through this site.
pub(super) fn greeted(name: &str) -> Option<String> {
    let name = clean(name);
    if name.is_empty() || resembles_link(&name) {
        return None;
    }
    Some(if name.chars().count() > NAME_CHARS { name.chars().take(NAME_CHARS).chain(['…']).collect() } else { name })
}

fn resembles_link(text: &str) -> bool {
    let dotted = |(at, dot): (usize, &str)| {
        let after = &text[at + dot.len()..];
        text[..at].ends_with(char::is_alphanumeric) && after.chars().take_while(|c| c.is_alphanumeric()).count() > 1
    };
    text.contains("://") || text.contains('@') || text.match_indices(['.', '。', '．']).any(dotted)
}

/// For plain text: a name written from right to left does not turn what stands around it (UAX #9, isolates).
pub(super) fn isolated(text: &str) -> String {
    let turns = |c| matches!(c, '\u{0590}'..='\u{08ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}');
    if text.contains(turns) { format!("\u{2068}{text}\u{2069}") } else { text.to_owned() }
}

/// “30 minutes”, “1 hour”, “24 hours”, “3 days”.
pub(super) fn lasting(minutes: u64) -> String {
    let (count, unit) = match minutes {
        m if m >= 2 * 24 * 60 && m % (24 * 60) == 0 => (m / (24 * 60), "day"),
        m if m >= 60 && m % 60 == 0 => (m / 60, "hour"),
        m => (m, "minute"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// To the minute. In UTC, which is said, since nothing is known of the reader's clock.
pub(super) fn moment(at: &DateTime<Utc>) -> String {
    at.format("%-d %B %Y at %H:%M UTC").to_string()
}

/// Breaks long lines between words.
pub(super) fn wrap(text: &str) -> String {
    let mut wrapped = String::with_capacity(text.len() + text.len() / 32);
    for line in text.lines() {
        let mut column = 0;
        for word in line.split(' ') {
            let width = word.chars().count();
            if column > 0 && column + 1 + width > COLUMNS {
                wrapped.push('\n');
                column = 0;
            } else if column > 0 {
                wrapped.push(' ');
                column += 1;
            }
            wrapped.push_str(word);
            column += width;
        }
        wrapped.push('\n');
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_one_visible_line() {
        assert_eq!(clean("Ada\r\n\tBcc:\u{202e} x\0"), "Ada Bcc: x");
        assert_eq!(greeted(" \n\u{202e}"), None);
    }

    #[test]
    fn names_that_would_become_links_are_left_out() {
        for name in
            ["Win at https://evil.example", "www.evil.example", "evil.example", "write to x@evil.example", "пример.рф", "evil。example"]
        {
            assert_eq!(greeted(name), None, "{name}");
        }
        for name in ["J.R.R. Tolkien", "Dr. Strange", "<b>Ada</b>", "Björk", "عائشة", "🦀", "Robert'); DROP TABLE users;--", "a…"]
        {
            assert_eq!(greeted(name).as_deref(), Some(name));
        }
        assert_eq!(greeted(&"é".repeat(100)), Some("é".repeat(60) + "…"));
    }

    #[test]
    fn lines_break_between_words_and_addresses_never() {
        let long = format!("{} {}", "word ".repeat(20).trim_end(), "x".repeat(90));
        let wrapped = wrap(&long);
        assert_eq!(wrapped.split_whitespace().collect::<Vec<_>>(), long.split(' ').collect::<Vec<_>>());
        assert!(wrapped.lines().all(|line| line.len() <= COLUMNS || line == "x".repeat(90)), "{wrapped}");
        assert_eq!(wrap("-- \na\n"), "-- \na\n");
    }

    #[test]
    fn durations_are_told_in_the_largest_unit_that_fits() {
        for (minutes, words) in
            [(1, "1 minute"), (30, "30 minutes"), (60, "1 hour"), (90, "90 minutes"), (1440, "24 hours"), (4320, "3 days")]
        {
            assert_eq!(lasting(minutes), words);
        }
    }
}
