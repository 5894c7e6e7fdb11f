//! The links that open a file without an account.

use leptos::prelude::*;
use portreeve_contract::file::{File, Share};

use super::new_link::NewLink;
use crate::{
    api,
    components::{copy::Copy, dialog::Action, load::Load, status::Chip, time::Time},
    time::is_past,
};

/// All of a file's, and the way to another.
#[component]
pub(crate) fn Links(file: Memo<File>) -> impl IntoView {
    let id = Memo::new(move |_| file.with(|file| file.id));
    let links = LocalResource::new(move || {
        let id = id.get();
        async move { api::files::shares(id).await }
    });
    let changed = Callback::new(move |()| links.refetch());
    view! {
        <section class="section" aria-labelledby="links-heading">
            <div class="section-head">
                <h2 id="links-heading">"Links"</h2>
                <p>"Whoever has a link can download this file, without an account."</p>
            </div>
            <div class="links">
                <Load read=move || links.get() retry=move || links.refetch() lines=2 let:links>
                    <ul class="rows">
                        <For each=move || links.get() key=|link| (link.id, link.downloads, link.revoked_at.is_some()) let:link>
                            <Row link file changed />
                        </For>
                    </ul>
                    <Show when=move || links.with(Vec::is_empty)>
                        <p class="hint">"Nobody but you can open this file."</p>
                    </Show>
                </Load>
                <div class="actions">
                    <NewLink file changed />
                </div>
            </div>
        </section>
    }
}

#[component]
fn Row(link: Share, file: Memo<File>, changed: Callback<()>) -> impl IntoView {
    let (kind, text) = state(&link);
    let works = kind == "done";
    let (id, url) = (link.id, link.url.clone());
    let revoke = move || async move {
        let revoked = api::files::revoke_share(file.with_untracked(|file| file.id), id).await;
        changed.try_run(());
        revoked?;
        Ok("The link is revoked. It opens nothing any more.".to_owned())
    };
    let (used, password) = (used(&link), link.has_password.then_some(" It asks for a password."));
    let ends = link.expires_at.filter(|_| works);
    view! {
        <li class="row">
            <div class="row-main">
                <p class="row-title">
                    <Chip kind text />
                    <span class="number">{used}</span>
                </p>
                <p class="hint">
                    "Made "
                    <Time at=link.created_at />
                    "."
                    {ends.map(|at| view! { " It ends " <Time at /> "." })}
                    {password}
                </p>
            </div>
            {works
                .then(|| {
                    view! {
                        <div class="row-actions">
                            {url.map(|text| view! { <CopyLink text /> })}
                            <Action
                                look="quiet"
                                title="Revoke the link?"
                                text="It opens nothing any more, wherever it has been sent. You can always make another."
                                action="Revoke the link"
                                keep="Keep it"
                                run=revoke
                            >
                                "Revoke"
                            </Action>
                        </div>
                    }
                })}
        </li>
    }
}

#[component]
fn CopyLink(text: String) -> impl IntoView {
    view! {
        <Copy text what="The link">
            "Copy"
            <span class="visually-hidden">" the link"</span>
        </Copy>
    }
}

/// Its chip.
fn state(link: &Share) -> (&'static str, &'static str) {
    if link.revoked_at.is_some() {
        ("failed", "Revoked")
    } else if link.expires_at.as_ref().is_some_and(is_past) {
        ("plain", "Expired")
    } else if link.max_downloads.is_some_and(|most| link.downloads >= most) {
        ("plain", "Used up")
    } else {
        ("done", "Works")
    }
}

/// “Used twice”, “Used 3 times, works 5 times”.
fn used(link: &Share) -> String {
    let times = match link.downloads {
        0 => "Not used yet".to_owned(),
        1 => "Used once".to_owned(),
        2 => "Used twice".to_owned(),
        times => format!("Used {times} times"),
    };
    match link.max_downloads {
        Some(1) => format!("{times}, works once"),
        Some(most) => format!("{times}, works {most} times"),
        None => times,
    }
}
