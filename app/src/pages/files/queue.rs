//! What is being sent. It outlives the page: one can look at another while files go on.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use leptos::{ev::beforeunload, prelude::*, task::spawn_local};
use portreeve_contract::UserId;
use send_wrapper::SendWrapper;
use web_sys::File;

use super::{
    folder::Chosen,
    send,
    tus::{self, whole},
};
use crate::browser;

/// Files sent at the same time.
const AT_ONCE: usize = 2;
/// Where browser storage keeps the addresses of unfinished uploads.
const KEPT: &str = "portreeve.uploads";

/// How one upload is doing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stage {
    /// Others are before it.
    Waiting,
    /// Its bytes are on their way.
    Sending,
    /// Network or server are away; it goes on by itself.
    Cut,
    /// The person stopped it for now.
    Paused,
    /// It cannot go on, with the reason.
    Failed(String),
    /// Taken out of the queue: done or cancelled.
    Over,
}

/// One file on its way.
#[derive(Clone)]
pub(crate) struct Upload(Arc<Inner>);

struct Inner {
    key: String,
    name: String,
    size: u64,
    /// As it was last chosen: of one that was moved, a browser can read only what is chosen anew.
    file: SendWrapper<RefCell<File>>,
    sent: ArcRwSignal<u64>,
    /// Bytes a second, lately.
    speed: ArcRwSignal<u64>,
    stage: ArcRwSignal<Stage>,
    /// Counts the times it was begun or gone on with: of two senders only the newer one may go on.
    turn: AtomicU32,
}

impl Upload {
    fn new(Chosen { file, name }: Chosen) -> Self {
        let size = whole(file.size());
        Self(Arc::new(Inner {
            key: format!("{name}|{size}|{}", whole(file.last_modified())),
            name,
            size,
            file: SendWrapper::new(RefCell::new(file)),
            sent: ArcRwSignal::new(0),
            speed: ArcRwSignal::new(0),
            stage: ArcRwSignal::new(Stage::Waiting),
            turn: AtomicU32::new(0),
        }))
    }

    /// Tells it from others: chosen again, the same file has the same.
    pub(crate) fn key(&self) -> String {
        self.0.key.clone()
    }

    pub(crate) fn name(&self) -> &str {
        &self.0.name
    }

    /// Bytes.
    pub(crate) fn size(&self) -> u64 {
        self.0.size
    }

    pub(crate) fn file(&self) -> File {
        self.0.file.borrow().clone()
    }

    pub(crate) fn sent(&self) -> ArcRwSignal<u64> {
        self.0.sent.clone()
    }

    pub(crate) fn speed(&self) -> ArcRwSignal<u64> {
        self.0.speed.clone()
    }

    pub(crate) fn stage(&self) -> ArcRwSignal<Stage> {
        self.0.stage.clone()
    }

    /// Whether whoever took this turn is to go on.
    pub(crate) fn is_on(&self, turn: u32) -> bool {
        self.goes_on() && self.0.turn.load(Ordering::Relaxed) == turn
    }

    fn goes_on(&self) -> bool {
        matches!(self.0.stage.get_untracked(), Stage::Sending | Stage::Cut)
    }

    /// Its address, if it was begun, perhaps before the page was loaded.
    pub(crate) fn address(&self) -> Option<String> {
        addresses().remove(&self.0.key)
    }

    /// Keeps its address, or forgets it.
    pub(crate) fn keep_address(&self, address: Option<String>) {
        let mut kept = addresses();
        match address {
            Some(address) => kept.insert(self.0.key.clone(), address),
            None => kept.remove(&self.0.key),
        };
        browser::keep(KEPT, kept);
    }
}

fn addresses() -> BTreeMap<String, String> {
    browser::kept(KEPT).unwrap_or_default()
}

/// All uploads of this tab.
#[derive(Clone)]
pub(crate) struct Queue {
    items: ArcRwSignal<Vec<Upload>>,
    said: ArcRwSignal<String>,
    owner: ArcRwSignal<Option<UserId>>,
}

thread_local! {
    static QUEUE: RefCell<Option<Queue>> = const { RefCell::new(None) };
}

impl Queue {
    /// The one of this tab. On the server, one of nothing.
    pub(crate) fn here() -> Self {
        let new = || Self { items: ArcRwSignal::new(Vec::new()), said: ArcRwSignal::new(String::new()), owner: ArcRwSignal::new(None) };
        if cfg!(not(target_arch = "wasm32")) {
            return new();
        }
        QUEUE.with_borrow_mut(|queue| {
            queue
                .get_or_insert_with(|| {
                    ask_before_leaving();
                    new()
                })
                .clone()
        })
    }

    /// Somebody else may have signed in here since: what the one before was sending is not theirs to see, nor to send.
    pub(crate) fn belongs_to(&self, person: UserId) {
        if self.owner.get_untracked().is_some_and(|owner| owner != person) {
            self.items.get_untracked().iter().for_each(|upload| upload.stage().set(Stage::Over));
            self.items.set(Vec::new());
            self.say(String::new());
        }
        self.owner.set(Some(person));
    }

    /// What is in it; reactive.
    pub(crate) fn items(&self) -> Vec<Upload> {
        self.items.get()
    }

    /// What happened last, in a sentence; reactive.
    pub(crate) fn said(&self) -> String {
        self.said.get()
    }

    /// Says what happened.
    pub(crate) fn say(&self, text: String) {
        self.said.set(text);
    }

    /// Takes files in. One that is there already goes on.
    pub(crate) fn add(&self, files: impl IntoIterator<Item = Chosen>) {
        for file in files {
            let upload = Upload::new(file);
            let there = self.items.with_untracked(|items| items.iter().find(|item| item.0.key == upload.0.key).cloned());
            match there {
                Some(there) => {
                    there.0.file.replace(upload.file());
                    if !there.goes_on() {
                        there.stage().set(Stage::Waiting);
                    }
                }
                None => self.items.update(|items| items.push(upload)),
            }
        }
        self.turn();
    }

    /// Stops one for now.
    pub(crate) fn pause(&self, upload: &Upload) {
        upload.stage().set(Stage::Paused);
        self.turn();
    }

    /// Lets one go on that was paused or failed.
    pub(crate) fn resume(&self, upload: &Upload) {
        upload.stage().set(Stage::Waiting);
        self.turn();
    }

    /// Stops one for good, and lets the server forget what it has of it.
    pub(crate) fn cancel(&self, upload: &Upload) {
        let address = upload.address();
        self.leave(upload);
        if let Some(address) = address {
            spawn_local(async move { drop(tus::terminate(&address).await) });
        }
    }

    /// Stops the one with this address for good, if it is in here.
    pub(crate) fn cancel_address(&self, address: &str) -> bool {
        let upload = self.items.with_untracked(|items| items.iter().find(|item| item.address().as_deref() == Some(address)).cloned());
        upload.is_some_and(|upload| {
            self.cancel(&upload);
            true
        })
    }

    /// Takes one out.
    pub(crate) fn leave(&self, upload: &Upload) {
        upload.stage().set(Stage::Over);
        upload.keep_address(None);
        self.items.update(|items| items.retain(|item| item.key() != upload.key()));
        self.turn();
    }

    /// Lets the next ones begin.
    pub(crate) fn turn(&self) {
        let mut free = AT_ONCE.saturating_sub(self.items.with_untracked(|items| items.iter().filter(|item| item.goes_on()).count()));
        for upload in self.items.get_untracked() {
            if free > 0 && upload.stage().get_untracked() == Stage::Waiting {
                free -= 1;
                upload.stage().set(Stage::Sending);
                let turn = upload.0.turn.fetch_add(1, Ordering::Relaxed) + 1;
                spawn_local(send::send(self.clone(), upload, turn));
            }
        }
    }

    fn is_busy(&self) -> bool {
        self.items.with_untracked(|items| items.iter().any(|item| item.goes_on() || item.stage().get_untracked() == Stage::Waiting))
    }
}

/// Once for the tab.
fn ask_before_leaving() {
    let _ = window_event_listener(beforeunload, |event| {
        if Queue::here().is_busy() {
            event.prevent_default();
            // Older browsers ask only so.
            event.set_return_value("Files are still being sent.");
        }
    });
}
