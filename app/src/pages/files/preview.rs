//! What a file looks or sounds like, through a link of five minutes. Nothing of it runs: images and sound do not, text is put into the page as
//! text, and a PDF comes with a policy that sandboxes it.

use gloo_net::http::Request;
use leptos::{
    ev::{ErrorEvent, Event},
    prelude::*,
};
use portreeve_contract::{
    FileId,
    file::{Disposition, File, FileLink, FileStatus, NewFileLink},
};
use wasm_bindgen::JsCast;
use web_sys::HtmlMediaElement;

use crate::{api, components::load::Load, error::ApiError};

/// Bytes of a text that are shown.
const TEXT: u64 = 64 * 1024;

/// How a file can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Image,
    Sound,
    Video,
    Text,
    Pdf,
}

/// What a preview depends on: the rest of a file may change without its being loaded again.
#[derive(Clone, Copy, PartialEq)]
struct What {
    id: FileId,
    way: Way,
    size: u64,
}

fn way(media_type: &str) -> Option<Way> {
    Some(match media_type {
        "application/pdf" => Way::Pdf,
        "application/json" | "application/xml" | "application/xhtml+xml" | "image/svg+xml" => Way::Text,
        // Those that browsers show; of others one would only see that nothing is seen.
        "image/png" | "image/jpeg" | "image/gif" | "image/webp" | "image/avif" | "image/bmp" | "image/vnd.microsoft.icon" => Way::Image,
        other => match other.split_once('/')?.0 {
            "text" => Way::Text,
            "audio" => Way::Sound,
            "video" => Way::Video,
            _ => return None,
        },
    })
}

/// The file itself, if it is stored and a browser can show it.
#[component]
pub(crate) fn Preview(file: Memo<File>) -> impl IntoView {
    let what = Memo::new(move |_| {
        file.with(|file| {
            let ready = file.status == FileStatus::Stored && file.size > 0;
            way(&file.media_type).filter(|_| ready).map(|way| What { id: file.id, way, size: file.size })
        })
    });
    let name = Signal::derive(move || file.with(|file| file.name.clone()));
    view! {
        {move || {
            what.get()
                .map(|what| {
                    view! {
                        <section class="preview" aria-label="Preview">
                            <Shown what name />
                        </section>
                    }
                })
        }}
    }
}

async fn link(id: FileId) -> Result<FileLink, ApiError> {
    api::files::link(id, NewFileLink { disposition: Disposition::Inline }).await
}

#[component]
fn Shown(what: What, name: Signal<String>) -> impl IntoView {
    let source = LocalResource::new(move || async move {
        let FileLink { url, .. } = link(what.id).await?;
        let text = if what.way == Way::Text { Some(text(&url).await?) } else { None };
        Ok::<_, ApiError>((url, text))
    });
    view! {
        <Load read=move || source.get() retry=move || source.refetch() lines=4 let:source>
            {
                let (url, text) = source.get_untracked();
                let alt = move || format!("Preview of {}", name.get());
                match (what.way, text) {
                    (Way::Text, text) => view! { <Text text=text.unwrap_or_default() whole=what.size <= TEXT alt=Signal::derive(alt) /> }.into_any(),
                    (Way::Pdf, _) => view! { <iframe class="preview-page" src=format!("{url}#navpanes=0") title=alt></iframe> }.into_any(),
                    (way, _) => view! { <Seen id=what.id way url alt=Signal::derive(alt) /> }.into_any(),
                }
            }
        </Load>
    }
}

/// The beginning of a text.
async fn text(url: &str) -> Result<String, ApiError> {
    let unreachable = |_| ApiError::unreachable();
    let request = Request::get(url).header("Range", &format!("bytes=0-{}", TEXT - 1));
    let answer = request.send().await.map_err(unreachable)?;
    if !answer.ok() {
        return Err(ApiError::unreachable());
    }
    let bytes = answer.binary().await.map_err(unreachable)?;
    let text = String::from_utf8_lossy(&bytes);
    // The last character may be cut in two.
    Ok(text.trim_end_matches('\u{fffd}').to_owned())
}

#[component]
fn Text(text: String, whole: bool, alt: Signal<String>) -> impl IntoView {
    view! {
        // It scrolls, so it can be reached without a mouse.
        <pre class="preview-text code" tabindex="0" role="region" aria-label=alt>
            {text}
        </pre>
        {(!whole).then(|| view! { <p class="hint">"The beginning of it. Download the file to read the rest."</p> })}
    }
}

/// What the browser plays or paints. Its link works for five minutes: who goes on later gets another one, and goes on where they were.
#[component]
fn Seen(id: FileId, way: Way, url: String, alt: Signal<String>) -> impl IntoView {
    let url = RwSignal::new(url);
    let broken = RwSignal::new(false);
    let fresh = StoredValue::new(js_sys::Date::now());
    let at = StoredValue::new(0.0);
    let failed = move |event: ErrorEvent| {
        const MOST_OF_ITS_LIFE: f64 = 240_000.0;
        if js_sys::Date::now() - fresh.get_value() < MOST_OF_ITS_LIFE {
            return broken.set(true);
        }
        fresh.set_value(js_sys::Date::now());
        at.set_value(media(&event).map_or(0.0, |media| media.current_time()));
        leptos::task::spawn_local(async move {
            match link(id).await {
                Ok(link) => drop(url.try_set(link.url)),
                Err(_) => drop(broken.try_set(true)),
            }
        });
    };
    let loaded = move |event: Event| {
        let before = at.get_value();
        if let Some(media) = media(&event).filter(|_| before > 0.0) {
            media.set_current_time(before);
            let _ = media.play();
        }
    };
    view! {
        {move || {
            if broken.get() {
                return view! { <p class="hint">"Your browser cannot show this file. Download it to open it with something else."</p> }.into_any();
            }
            match way {
                Way::Sound => {
                    view! { <audio controls preload="metadata" src=url aria-label=alt on:error=failed on:loadedmetadata=loaded></audio> }
                        .into_any()
                }
                Way::Video => {
                    view! {
                        <video
                            class="preview-picture"
                            controls
                            playsinline
                            preload="metadata"
                            src=url
                            aria-label=alt
                            on:error=failed
                            on:loadedmetadata=loaded
                        ></video>
                    }
                        .into_any()
                }
                _ => view! { <img class="preview-picture" src=url alt=alt on:error=failed /> }.into_any(),
            }
        }}
    }
}

fn media(event: &Event) -> Option<HtmlMediaElement> {
    event.target()?.dyn_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_a_page_is_shown_as_text() {
        for media_type in ["text/html", "image/svg+xml", "application/xhtml+xml", "text/csv"] {
            assert_eq!(way(media_type), Some(Way::Text), "{media_type}");
        }
        assert_eq!(way("image/png"), Some(Way::Image));
        assert_eq!(way("application/zip"), None);
        assert_eq!(way("nonsense"), None);
    }
}
