//! Tokens that we did not issue are none: neither anything else, nor one of ours that was altered.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use portreeve_services::fuzzing::Tokens;
use tokio::runtime::Runtime;

static TOKENS: LazyLock<Tokens> = LazyLock::new(|| {
    // Both stay for as long as the process.
    let runtime: &Runtime = Box::leak(Box::new(Runtime::new().expect("a runtime")));
    let folder = tempfile::tempdir().expect("a folder");
    runtime.block_on(Tokens::open(folder.path()))
});

fuzz_target!(|data: (u128, usize, &str)| {
    let (session, at, text) = data;
    assert_eq!(TOKENS.read_refresh(text), None);
    assert_eq!(TOKENS.read_link(text), None);
    let token = TOKENS.refresh(session);
    assert_eq!(TOKENS.read_refresh(&token).as_deref(), Some(&*token));
    assert_eq!(TOKENS.read_link(&token), None, "one kind of token passes for another");
    let at = at % (token.len() + 1);
    for altered in [format!("{}{text}{}", &token[..at], &token[at..]), format!("{}{text}", &token[..at])] {
        if altered != token {
            assert_eq!(TOKENS.read_refresh(&altered), None, "{altered}");
        }
    }
});
