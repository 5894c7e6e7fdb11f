//! What has happened to a file, step by step.

use leptos::prelude::*;
use portreeve_contract::{
    date_time::DateTime,
    file::{File, FileStatus},
};

use crate::components::time::Time;

/// A step: what kind of mark it has, what it is called, what it means, and when it was.
struct Step {
    kind: &'static str,
    name: &'static str,
    means: String,
    at: Option<DateTime>,
}

/// From the first byte to the stored file.
#[component]
pub(crate) fn Timeline(file: Memo<File>) -> impl IntoView {
    view! {
        <section class="section" aria-labelledby="timeline-heading">
            <div class="section-head">
                <h2 id="timeline-heading">"Timeline"</h2>
                <p>"Where it has been, and what was checked."</p>
            </div>
            <ol class="timeline">
                {move || {
                    steps(file.get())
                        .into_iter()
                        .map(|Step { kind, name, means, at }| {
                            view! {
                                <li data-kind=kind>
                                    <p class="row-title">
                                        <strong>{name}</strong>
                                        {at.map(|at| view! { <span class="hint"><Time at /></span> })}
                                    </p>
                                    <p class="hint">{means}</p>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ol>
        </section>
    }
}

fn steps(file: File) -> Vec<Step> {
    let File { status, failure, created_at, accepted_at, stored_at, trashed_at, .. } = file;
    let step = |kind, name, means: &str, at: Option<DateTime>| Step { kind, name, means: means.to_owned(), at };
    let mut steps = vec![step("done", "Begun", "The first bytes were on their way.", Some(created_at))];
    steps.push(match status {
        FileStatus::Receiving => step("signal", "Receiving", "The rest is still to come. Choose the same file again to go on.", None),
        _ => step("done", "Accepted", "All of it was safely on disk, and its checksum known.", accepted_at),
    });
    match status {
        FileStatus::Receiving => {}
        FileStatus::Accepted => steps.push(step("attention", "Waiting", "A worker will store it in a moment.", None)),
        FileStatus::Storing => steps.push(step("signal", "Storing", "A worker copies it to where it stays.", None)),
        FileStatus::Stored => {
            let means = "It was copied to where it stays and read back: the checksum is the same.";
            steps.push(step("done", "Stored and checked", means, stored_at));
        }
        FileStatus::Failed => {
            let why = failure.as_deref().unwrap_or("It could not be stored. An administrator can try again.");
            steps.push(step("failed", "Failed", why, None));
        }
    }
    if trashed_at.is_some() {
        steps.push(step("attention", "Thrown away", "It is in the trash until it is erased.", trashed_at));
    }
    steps
}
