//! What pages are made of.

pub(crate) mod banner;
pub(crate) mod button;
pub(crate) mod copy;
pub(crate) mod dialog;
pub(crate) mod field;
pub(crate) mod flags;
pub(crate) mod footer;
pub(crate) mod form;
pub(crate) mod guard;
pub(crate) mod header;
pub(crate) mod layout;
pub(crate) mod load;
pub(crate) mod menu;
pub(crate) mod notice;
pub(crate) mod pages;
pub(crate) mod password;
pub(crate) mod search;
pub(crate) mod status;
pub(crate) mod time;
pub(crate) mod toast;
