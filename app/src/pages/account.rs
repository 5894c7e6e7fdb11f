//! `/account`: one's profile.

use leptos::prelude::*;
use portreeve_contract::{
    FieldError,
    email::Email,
    name::Name,
    user::{ChangeEmail, Profile, ProfileChange},
};

use crate::{
    api,
    components::{
        banner::Unverified,
        button::{Button, Submit},
        dialog::Dialog,
        field::{Input, TextField},
        form::{Form, FormState},
        guard::needs_sign_in,
        layout::{AccountTabs, NeedsScript, Page},
        load::Load,
        password::PasswordField,
        status::{Chip, role_name},
        toast::Toasts,
    },
    secret::Secret,
    time::day,
    who::Who,
};

/// Who one is here.
#[component]
pub(crate) fn Account() -> impl IntoView {
    needs_sign_in();
    let who = Who::here();
    view! {
        <Page title="Account">
            <AccountTabs />
            <NeedsScript />
            <Unverified />
            <Load read=move || who.get() retry=move || who.reload() lines=5 let:profile>
                <NameForm name=profile.with_untracked(|profile| profile.name.clone()) />
                <Facts profile />
            </Load>
        </Page>
    }
}

#[component]
fn NameForm(name: String) -> impl IntoView {
    let state = FormState::new("profile");
    let input = Input::new("name");
    let toasts = Toasts::here();
    let who = Who::here();
    let submit = move || {
        let name = input.value();
        state.submit([Name::parse(&name).err()], async move {
            who.set(api::users::update_profile(ProfileChange { name: Some(name) }).await?);
            toasts.say("Your name is saved.");
            Ok(())
        });
    };
    view! {
        <section class="section" aria-labelledby="name-heading">
            <div class="section-head">
                <h2 id="name-heading">"What to call you"</h2>
                <p>"Shown in the corner of every page, and in mails to you."</p>
            </div>
            <Form state on_submit=submit>
                <TextField input label="Name" autocomplete="name" value=name />
                <Submit>"Save changes"</Submit>
            </Form>
        </section>
    }
}

#[component]
fn Facts(profile: Signal<Profile>) -> impl IntoView {
    let changing = RwSignal::new(false);
    let read = move |of: fn(&Profile) -> String| move || profile.with(of);
    view! {
        <section class="section" aria-labelledby="facts-heading">
            <div class="section-head">
                <h2 id="facts-heading">"Your account"</h2>
                <p>"Where mail to you goes, and what you may do here."</p>
            </div>
            <dl class="facts">
                <dt>"Address"</dt>
                <dd>
                    <span class="email">{read(|profile| profile.email.clone())}</span>
                    {move || {
                        if profile.with(|profile| profile.email_verified) {
                            view! { <Chip kind="done" text="Confirmed" /> }
                        } else {
                            view! { <Chip kind="attention" text="Not confirmed" /> }
                        }
                    }}
                    <Button kind="quiet" on_press=move || changing.set(true)>
                        "Change address"
                    </Button>
                    {move || profile.with(|profile| profile.pending_email.clone()).map(|email| view! { <Pending email /> })}
                </dd>
                <dt>"Role"</dt>
                <dd>{read(|profile| role_name(profile.role).to_owned())}</dd>
                <dt>"Since"</dt>
                <dd>{read(|profile| day(&profile.created_at))}</dd>
            </dl>
        </section>
        <Dialog open=changing title="Change address">
            <AddressForm open=changing />
        </Dialog>
    }
}

#[component]
fn Pending(email: String) -> impl IntoView {
    view! {
        <p class="hint">"We sent a link to " <strong class="email">{email}</strong> ". The address changes when you open it."</p>
    }
}

#[component]
fn AddressForm(open: RwSignal<bool>) -> impl IntoView {
    let state = FormState::new("address");
    let (email, password) = (Input::new("email"), Input::new("password"));
    let toasts = Toasts::here();
    let who = Who::here();
    let submit = move || {
        let change = ChangeEmail { email: email.value(), password: password.value() };
        let checks = [
            Email::parse(&change.email).err(),
            change.password.is_empty().then(|| FieldError::new("password", "required", "Enter your password.")),
        ];
        state.submit(checks, async move {
            api::users::change_email(Secret(change)).await?;
            let _ = open.try_set(false);
            who.reload();
            toasts.say("We sent a link to the new address. Open it, and the address changes.");
            Ok(())
        });
    };
    view! {
        <Form state on_submit=submit>
            <TextField input=email label="New email" kind="email" autocomplete="email" />
            <PasswordField input=password />
            <div class="actions">
                <Submit>"Send the link"</Submit>
                <Button on_press=move || open.set(false)>"Cancel"</Button>
            </div>
        </Form>
    }
}
