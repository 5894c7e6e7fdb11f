//! `/files/{id}`: one file, shown, explained and shared.

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map},
};
use portreeve_contract::{
    ErrorKind, FileId, Problem,
    file::{File, FileStatus},
    size::{bytes, grouped},
};

use super::{
    actions::{Desk, Ending, Tell, download, take_back, throw_away},
    links::Links,
    preview::Preview,
    query::PATH,
    rename::Rename,
    timeline::Timeline,
    watch::watched,
    words::{kind, state},
};
use crate::{
    api,
    components::{
        button::Button,
        copy::Copy,
        guard::needs_sign_in,
        layout::{NeedsScript, Page},
        load::Load,
        status::Chip,
        time::Time,
    },
    error::ApiError,
};

/// The page.
#[component]
pub(crate) fn OneFile() -> impl IntoView {
    needs_sign_in();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).and_then(|id| id.parse::<FileId>().ok()));
    let found = LocalResource::new(move || {
        let id = id.get();
        async move {
            match id {
                Some(id) => api::files::find(id).await,
                None => Err(ApiError(Problem::new(ErrorKind::NotFound, "file_not_found", "There is no such file."))),
            }
        }
    });
    let changed = watched(move || found.refetch());
    let navigate = use_navigate();
    let ended = Callback::new(move |()| navigate(PATH, NavigateOptions { replace: true, ..Default::default() }));
    let desk = Desk::new(changed, ended);
    let title = RwSignal::new("File".to_owned());
    view! {
        <Page title=title above=(PATH, "Files")>
            <NeedsScript />
            <Load read=move || found.get() retry=move || found.refetch() lines=8 let:file>
                <About file=Memo::new(move |_| file.get()) title desk />
            </Load>
            <Rename desk />
            <Ending desk />
        </Page>
    }
}

#[component]
fn About(file: Memo<File>, title: RwSignal<String>, desk: Desk) -> impl IntoView {
    Effect::new(move || title.set(file.with(|file| file.name.clone())));
    let trashed = Memo::new(move |_| file.with(|file| file.trashed_at.is_some()));
    view! {
        <Can file desk trashed />
        <Show when=move || trashed.get()>
            <InTrash file desk />
        </Show>
        <Preview file />
        <div class="sections">
            <Facts file />
            <Timeline file />
            <Show when=move || !trashed.get()>
                <Links file />
            </Show>
        </div>
    }
}

/// What it is in a line, and what can be done about it.
#[component]
fn Can(file: Memo<File>, desk: Desk, trashed: Memo<bool>) -> impl IntoView {
    let problem = RwSignal::new(None);
    let tell = Tell::beside(problem);
    let is = move |status| move || file.with(|file| file.status == status);
    let (stored, receiving) = (Memo::new(move |_| is(FileStatus::Stored)()), Memo::new(move |_| is(FileStatus::Receiving)()));
    let words = move || file.with(|file| format!("{} · {}", bytes(file.size), kind(&file.media_type)));
    view! {
        <div class="file-head">
            <p class="row-title number">
                {move || {
                    let (kind, text) = state(file.with(|file| file.status));
                    view! { <Chip kind text /> }
                }}
                <span class="hint">{words}</span>
            </p>
            <div class="actions">
                <Show when=move || stored.get()>
                    <Button kind="primary" on_press=move || file.with_untracked(|file| download(file, tell))>
                        "Download"
                    </Button>
                </Show>
                <Show when=move || !trashed.get() && !receiving.get()>
                    <Button on_press=move || desk.renaming.set(Some(file.get_untracked()))>"Rename"</Button>
                    <Button kind="danger" on_press=move || throw_away(vec![file.get_untracked()], desk, tell)>
                        "Delete"
                    </Button>
                </Show>
                <Show when=move || receiving.get()>
                    <Button kind="danger" on_press=move || desk.ending.set(vec![file.get_untracked()])>
                        "Cancel upload"
                    </Button>
                </Show>
            </div>
            <div role="alert">{move || problem.get().map(|text| view! { <p class="field-error">{text}</p> })}</div>
        </div>
    }
}

#[component]
fn InTrash(file: Memo<File>, desk: Desk) -> impl IntoView {
    let tell = Tell::here();
    view! {
        <aside class="notice thrown-away" data-kind="attention" aria-label="Trash">
            <p>
                <strong>"In the trash. "</strong>
                {move || file.get().erase_at.map(|at| view! { "It is erased for good " <Time at /> "." })}
            </p>
            <Button kind="quiet" on_press=move || take_back(vec![file.get_untracked()], desk, tell)>
                "Take back"
            </Button>
            <Button kind="quiet" on_press=move || desk.ending.set(vec![file.get_untracked()])>
                "Delete for good"
            </Button>
        </aside>
    }
}

#[component]
fn Facts(file: Memo<File>) -> impl IntoView {
    let size = move || {
        let size = file.with(|file| file.size);
        if size < 1000 { bytes(size) } else { format!("{}, {} bytes", bytes(size), grouped(size)) }
    };
    let sniffed = move || file.with(|file| file.media_type.clone());
    let claimed = move || file.with(|file| file.claimed_type.clone().filter(|claimed| *claimed != file.media_type));
    let sha256 = Memo::new(move |_| file.with(|file| file.sha256.clone()));
    let key = Memo::new(move |_| file.with(|file| file.file_key.clone()));
    view! {
        <section class="section" aria-labelledby="facts-heading">
            <div class="section-head">
                <h2 id="facts-heading">"Facts"</h2>
                <p>"What it is, judged by its own bytes and not by its name."</p>
            </div>
            <dl class="facts file-facts">
                <dt>"Size"</dt>
                <dd class="number">{size}</dd>
                <dt>"Type"</dt>
                <dd>
                    <span class="code">{sniffed}</span>
                    {move || {
                        claimed()
                            .map(|claimed| view! { <p class="hint">"It was sent as " <span class="code">{claimed}</span> "."</p> })
                    }}
                </dd>
                <dt>"SHA-256"</dt>
                <dd>
                    {move || match sha256.get() {
                        Some(text) => {
                            view! {
                                <span class="code">{text.clone()}</span>
                                <Copy text what="The checksum">
                                    "Copy"
                                    <span class="visually-hidden">" the checksum"</span>
                                </Copy>
                            }
                                .into_any()
                        }
                        None => "Known once all of it is here.".into_any(),
                    }}
                </dd>
                <dt>"Key"</dt>
                <dd>
                    <span class="code">{key}</span>
                    <Copy text=key what="The key">
                        "Copy"
                        <span class="visually-hidden">" the key"</span>
                    </Copy>
                </dd>
            </dl>
        </section>
    }
}
