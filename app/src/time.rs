//! Times in words, by the browser's own tables (ECMA-402). Only signed-in data has times, so the server never calls this.

use js_sys::{Array, Date, Intl, Object, Reflect};
use portreeve_contract::date_time::DateTime;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Intl)]
    type RelativeTimeFormat;

    #[wasm_bindgen(constructor, js_namespace = Intl)]
    fn new(locale: &str, options: &Object) -> RelativeTimeFormat;

    #[wasm_bindgen(method)]
    fn format(this: &RelativeTimeFormat, value: f64, unit: &str) -> String;
}

/// Units and their length in seconds, longest first.
const UNITS: [(&str, f64); 6] =
    [("year", 31_556_952.0), ("month", 2_629_746.0), ("week", 604_800.0), ("day", 86_400.0), ("hour", 3_600.0), ("minute", 60.0)];

/// The pages are written in English, so their times are too.
const LOCALE: &str = "en-GB";

fn date(time: &DateTime) -> Date {
    Date::new(&JsValue::from_str(&time.to_rfc3339()))
}

/// For the attribute `datetime`.
pub(crate) fn machine(time: &DateTime) -> String {
    date(time).to_iso_string().into()
}

/// “3 minutes ago”, “in 7 days”.
pub(crate) fn relative(time: &DateTime) -> String {
    let seconds = (date(time).get_time() - Date::now()) / 1000.0;
    let Some((unit, length)) = UNITS.into_iter().find(|(_, length)| seconds.abs() >= *length) else {
        return "just now".to_owned();
    };
    let options = options(&[("numeric", "auto")]);
    RelativeTimeFormat::new("en", &options).format((seconds / length).round(), unit)
}

/// “Saturday 21 November 2026 at 04:37 UTC”, in the person's own time zone.
pub(crate) fn full(time: &DateTime) -> String {
    format(time, &[("dateStyle", "full"), ("timeStyle", "long")])
}

/// So many days from now.
pub(crate) fn in_days(days: u32) -> Option<DateTime> {
    let then = Date::new(&JsValue::from_f64(Date::now() + f64::from(days) * 86_400_000.0));
    serde_json::to_string(&String::from(then.to_iso_string())).ok().and_then(|text| serde_json::from_str(&text).ok())
}

/// Whether it is over.
pub(crate) fn is_past(time: &DateTime) -> bool {
    date(time).get_time() <= Date::now()
}

/// “04:37”, in the person's own time zone.
pub(crate) fn clock(time: &DateTime) -> String {
    format(time, &[("timeStyle", "short")])
}

/// “21 November 2026”.
pub(crate) fn day(time: &DateTime) -> String {
    format(time, &[("dateStyle", "long")])
}

fn format(time: &DateTime, style: &[(&str, &str)]) -> String {
    let format = Intl::DateTimeFormat::new(&Array::of1(&JsValue::from_str(LOCALE)), &options(style));
    let text = format.format().call1(&JsValue::UNDEFINED, &date(time));
    text.ok().and_then(|text| text.as_string()).unwrap_or_default()
}

fn options(pairs: &[(&str, &str)]) -> Object {
    let options = Object::new();
    for (name, value) in pairs {
        let _ = Reflect::set(options.unchecked_ref(), &JsValue::from_str(name), &JsValue::from_str(value));
    }
    options
}
