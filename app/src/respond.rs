//! A page's way to say something about the response that carries it.

/// Sets the status of the response that is being made. In context on the server only, so that pages need no `cfg`.
#[derive(Clone, Copy)]
pub struct Respond(fn(u16));

impl Respond {
    /// Wraps the server's way to do it.
    pub const fn new(status: fn(u16)) -> Self {
        Self(status)
    }

    /// Answers with this status code.
    pub fn status(self, code: u16) {
        (self.0)(code);
    }
}
