//! `/shared/{token}`: a file that somebody has shared by a link. Opens without an account; opening it counts nothing, downloading does.

use leptos::prelude::*;
use leptos_meta::Meta;
use leptos_router::hooks::use_params_map;
use portreeve_contract::{
    FieldError,
    file::{FileLink, SharedFile},
    size::bytes,
};

use super::files::{kind, save};
use crate::{
    api,
    components::{
        button::Submit,
        field::Input,
        form::{Form, FormState},
        layout::Gate,
        password::PasswordField,
        time::Time,
    },
    error::ApiError,
    secret::Secret,
};

/// The page.
#[component]
pub(crate) fn Shared() -> impl IntoView {
    let params = use_params_map();
    let token = Memo::new(move |_| params.with(|params| params.get("token")).unwrap_or_default());
    // Public, so the server renders it whole, and says with its status whether there is something.
    let found = Resource::new(move || token.get(), |token| api::files::inspect_share(Secret(token)));
    view! {
        <Meta name="robots" content="noindex" />
        <Suspense fallback=|| ()>
            {move || Suspend::new(async move {
                match found.await {
                    Ok(file) => {
                        view! {
                            <Gate title="A file for you">
                                <Offer file token=token.get_untracked() />
                            </Gate>
                        }
                            .into_any()
                    }
                    Err(error) => view! { <Nothing error /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Offer(file: SharedFile, token: String) -> impl IntoView {
    let form = FormState::new("shared");
    let password = Input::new("password");
    let locked = file.has_password;
    let begun = RwSignal::new(false);
    let submit = move || {
        let (token, password) = (token.clone(), if locked { password.value() } else { String::new() });
        let missing = (locked && password.is_empty()).then(|| FieldError::new("password", "required", "Enter the password of this link."));
        begun.set(false);
        form.submit([missing], async move {
            let FileLink { url, .. } = api::files::open_share(Secret(token), Secret(password)).await?;
            save(&url);
            begun.try_set(true);
            Ok(())
        });
    };
    // Its words depend on the browser's clock.
    let (ends, alive) = (StoredValue::new(file.expires_at), RwSignal::new(false));
    Effect::new(move || alive.set(true));
    view! {
        <div class="shared-file">
            <p class="shared-name">{file.name}</p>
            <p class="hint number">{format!("{} · {}", bytes(file.size), kind(&file.media_type))}</p>
        </div>
        <Form state=form on_submit=submit>
            {locked.then(|| view! { <PasswordField input=password label="Password of the link" /> })}
            <Submit>"Download"</Submit>
        </Form>
        <div role="status">
            {move || begun.get().then(|| view! { <p>"The download has begun. Your browser keeps it where it keeps the others."</p> })}
        </div>
        <p class="hint">
            "Open it only if you know who sent you this link."
            {move || ends.get_value().filter(|_| alive.get()).map(|at| view! { " The link ends " <Time at /> "." })}
        </p>
    }
}

#[component]
fn Nothing(error: ApiError) -> impl IntoView {
    let title = if error.is_passing() { "Not just now" } else { "Nothing to open here" };
    view! {
        <Gate title>
            <p class="lead">{error.0.title}</p>
        </Gate>
    }
}
