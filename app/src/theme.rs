//! Light, dark, or whatever the system says.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;

use crate::browser::{keep, kept};

/// Also read by the script in the shell, before the first paint.
const KEY: &str = "portreeve.theme";

/// What the person chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Scheme {
    /// Follow the system.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Scheme {
    /// In the order in which they are offered.
    pub(crate) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// In words.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }
}

/// The chosen scheme, kept in browser storage.
#[derive(Clone, Copy)]
pub(crate) struct Theme(RwSignal<Scheme>);

impl Theme {
    /// Puts it into context; storage is read once the page is hydrated.
    pub(crate) fn provide() {
        let scheme = RwSignal::new(Scheme::System);
        provide_context(Self(scheme));
        Effect::new(move || scheme.set(kept(KEY).unwrap_or_default()));
    }

    /// What is chosen now; reactive.
    pub(crate) fn get(self) -> Scheme {
        self.0.get()
    }

    /// Chooses, shows and keeps it.
    pub(crate) fn set(self, scheme: Scheme) {
        self.0.set(scheme);
        keep(KEY, scheme);
        let bars = document().query_selector_all("meta[name=theme-color]").ok();
        let Some(root) = document().document_element() else { return };
        let (name, colours) = match scheme {
            Scheme::System => (None, ["#fffefa", "#13222c"]),
            Scheme::Light => (Some("light"), ["#fffefa"; 2]),
            Scheme::Dark => (Some("dark"), ["#13222c"; 2]),
        };
        let _ = match name {
            Some(name) => root.set_attribute("data-theme", name),
            None => root.remove_attribute("data-theme"),
        };
        for (index, colour) in (0u32..).zip(colours) {
            let bar = bars.as_ref().and_then(|bars| bars.get(index));
            if let Some(bar) = bar.and_then(|bar| bar.dyn_into::<web_sys::Element>().ok()) {
                let _ = bar.set_attribute("content", colour);
            }
        }
    }
}
