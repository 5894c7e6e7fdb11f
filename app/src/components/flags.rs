//! Flags of the International Code of Signals, as simple shapes on 40 × 30.

use leptos::prelude::*;

/// The mark: the flag P, the Blue Peter.
#[component]
pub(crate) fn Mark() -> impl IntoView {
    view! { <Flag letter='P' /> }
}

/// A word in flags. Read out as the word where it says something, silent where it is ornament.
#[component]
pub(crate) fn Flags(
    /// Letters that have a shape below.
    word: &'static str,
    /// What a screen reader says, if anything.
    #[prop(optional)]
    says: Option<&'static str>,
) -> impl IntoView {
    view! {
        <span class="flags" role=says.map(|_| "img") aria-label=says aria-hidden=says.is_none().then_some("true")>
            {word.chars().map(|letter| view! { <Flag letter /> }).collect_view()}
        </span>
    }
}

#[component]
fn Flag(letter: char) -> impl IntoView {
    view! { <svg class="flag" viewBox="0 0 40 30" aria-hidden="true" focusable="false" inner_html=shape(letter)></svg> }
}

/// Colours come from the style sheet: r(ed), y(ellow), b(lue), k (black), w(hite).
const fn shape(letter: char) -> &'static str {
    match letter {
        'E' => r#"<path class="b" d="M0 0h40v15H0z"/><path class="r" d="M0 15h40v15H0z"/>"#,
        'L' => r#"<path class="y" d="M0 0h20v15H0zM20 15h20v15H20z"/><path class="k" d="M20 0h20v15H20zM0 15h20v15H0z"/>"#,
        'N' => {
            r#"<path class="w" d="M0 0h40v30H0z"/><path class="b" d="M0 0h10v7.5H0zM20 0h10v7.5H20zM10 7.5h10V15H10zM30 7.5h10V15H30zM0 15h10v7.5H0zM20 15h10v7.5H20zM10 22.5h10V30H10zM30 22.5h10V30H30z"/>"#
        }
        'O' => r#"<path class="y" d="M0 0v30h40z"/><path class="r" d="M0 0h40v30z"/>"#,
        'P' => r#"<path class="b" d="M0 0h40v30H0z"/><path class="w" d="M12 9h16v12H12z"/>"#,
        'R' => r#"<path class="r" d="M0 0h40v30H0z"/><path class="y" d="M16 0h8v11h16v8H24v11h-8V19H0v-8h16z"/>"#,
        'S' => r#"<path class="w" d="M0 0h40v30H0z"/><path class="b" d="M12 9h16v12H12z"/>"#,
        'T' => {
            r#"<path class="r" d="M0 0h13.4v30H0z"/><path class="w" d="M13.3 0h13.4v30H13.3z"/><path class="b" d="M26.6 0H40v30H26.6z"/>"#
        }
        'V' => {
            r#"<path class="w" d="M0 0h40v30H0z"/><path class="r" d="M0 0h6l14 10.5L34 0h6v4.5L26 15l14 10.5V30h-6L20 19.500 6 30H0v-4.500L14 15 0 4.500z"/>"#
        }
        _ => "",
    }
}
