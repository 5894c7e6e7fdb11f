//! The bytes of a connection, watched.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use super::{linger::Linger, places::Place, watch::Watch};

/// Bytes that the system takes beyond what it may send. By itself it takes megabytes, and keeps them for whoever does not read.
#[cfg(target_os = "linux")]
const UNSENT: u32 = 256 * 1024;

/// Keeps its place, also when it is no HTTP any more, and tells the watch whether the client reads.
pub(super) struct Watched {
    stream: TcpStream,
    watch: Watch,
    /// Once nothing more is said.
    linger: Option<Linger>,
    _place: Place,
}

impl Watched {
    pub(super) fn new(stream: TcpStream, watch: Watch, place: Place) -> Self {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "setting TCP_NODELAY");
        }
        #[cfg(target_os = "linux")]
        if let Err(error) = SockRef::from(&stream).set_tcp_notsent_lowat(UNSENT) {
            tracing::debug!(%error, "setting TCP_NOTSENT_LOWAT");
        }
        Self { stream, watch, linger: None, _place: place }
    }

    fn note<T>(&self, written: Poll<T>) -> Poll<T> {
        if written.is_ready() {
            self.watch.unblocked();
        } else {
            // Linux takes more when a third of the buffer, which grows with the connection, is free.
            self.watch.blocked(|| SockRef::from(&self.stream).send_buffer_size().map_or(0, |bytes| bytes as u64 / 3));
        }
        written
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // Or the system would keep what the client does not read, for a quarter of an hour: all of it goes now,
        if self.watch.is_cut()
            && let Err(error) = self.stream.set_zero_linger()
        {
            tracing::debug!(%error, "setting SO_LINGER");
        }
        // or, of an answer that was over for us, when it has not been read for as long as any other may wait.
        #[cfg(target_os = "linux")]
        if let Err(error) = SockRef::from(&self.stream).set_tcp_user_timeout(Some(self.watch.write_timeout())) {
            tracing::debug!(%error, "setting TCP_USER_TIMEOUT");
        }
    }
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note(written)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.note(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { stream, watch, linger, .. } = &mut *self;
        if linger.is_none() {
            ready!(Pin::new(&mut *stream).poll_shutdown(context))?;
            // Whoever has it then may go on reading.
            if watch.is_upgraded() {
                return Poll::Ready(Ok(()));
            }
        }
        linger.get_or_insert_with(Linger::begin).poll(stream, context).map(Ok)
    }
}
