//! Another password.

use leptos::prelude::*;
use portreeve_contract::{FieldError, password::check_length, site::Site, user};

use crate::{
    api,
    browser::nfkc,
    components::{
        button::Submit,
        field::Input,
        form::{Form, FormState},
        password::PasswordField,
        toast::Toasts,
    },
    secret::Secret,
};

/// Asks for the current one; the other sessions end.
#[component]
pub(super) fn ChangePassword(
    /// Told when sessions have ended.
    changed: RwSignal<u32>,
) -> impl IntoView {
    let min = expect_context::<Site>().password_min;
    let state = FormState::new("change-password");
    let (current, password) = (Input::new("current_password"), Input::new("password"));
    let toasts = Toasts::here();
    let submit = move || {
        let change = user::ChangePassword { current_password: current.value(), password: password.value() };
        let checks = [
            change.current_password.is_empty().then(|| FieldError::new("current_password", "required", "Enter the password you have now.")),
            check_length("password", &nfkc(&change.password), min).err(),
        ];
        state.submit(checks, async move {
            api::users::change_password(Secret(change)).await?;
            current.clear();
            password.clear();
            let _ = changed.try_update(|times| *times += 1);
            toasts.say("Your password is changed. Your other devices are signed out.");
            Ok(())
        });
    };
    view! {
        <section class="section" aria-labelledby="password-heading">
            <div class="section-head">
                <h2 id="password-heading">"Password"</h2>
                <p>"Changing it signs out every other device."</p>
            </div>
            <Form state on_submit=submit>
                <PasswordField input=current label="Current password" />
                <PasswordField input=password label="New password" new=true min />
                <Submit>"Change password"</Submit>
            </Form>
        </section>
    }
}
