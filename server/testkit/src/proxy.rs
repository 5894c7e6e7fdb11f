//! Something in between two programs that breaks their connections when it is told to.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Passes TCP connections on to another address. Needs the runtime that it was started in.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
    accepting: tokio::task::JoinHandle<()>,
}

#[derive(Debug)]
struct State {
    target: SocketAddr,
    budgets: Mutex<Budgets>,
    /// Changes when every connection is to be reset.
    resets: watch::Sender<u64>,
    breaks: AtomicU64,
}

/// How many bytes still pass in each direction; all, if there is no number.
#[derive(Debug, Default)]
struct Budgets {
    there: Option<u64>,
    back: Option<u64>,
    stalls: bool,
}

#[derive(Clone, Copy)]
enum Way {
    There,
    Back,
}

impl Proxy {
    /// A proxy to `target` on a free port, which passes everything.
    ///
    /// # Panics
    /// If the machine has no port for it.
    pub async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(State { target, budgets: Mutex::default(), resets: watch::Sender::new(0), breaks: AtomicU64::new(0) });
        let accepting = tokio::spawn(accept(listener, state.clone()));
        Self { address, state, accepting }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Passes so many more bytes to the target, over all connections together. The next one resets them all, and all new ones.
    pub fn reset_after(&self, bytes: u64) {
        *self.state.budgets.lock() = Budgets { there: Some(bytes), ..Budgets::default() };
    }

    /// As [`Self::reset_after`] for the bytes that come back: with 0 the target does what it is asked to, and nobody hears of it.
    pub fn reset_answers_after(&self, bytes: u64) {
        *self.state.budgets.lock() = Budgets { back: Some(bytes), ..Budgets::default() };
    }

    /// Passes nothing more, and breaks nothing either: whoever waits has to give up by himself.
    pub fn stall(&self) {
        self.state.budgets.lock().stalls = true;
    }

    /// Passes everything again; what stalled goes on.
    pub fn pass(&self) {
        *self.state.budgets.lock() = Budgets::default();
    }

    /// How often a budget was used up, and connections were reset for it.
    pub fn breaks(&self) -> u64 {
        self.state.breaks.load(Ordering::Relaxed)
    }

    /// Resets all connections now. New ones pass.
    pub fn reset(&self) {
        self.state.resets.send_modify(|count| *count += 1);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.reset();
    }
}

impl State {
    /// Whether so many bytes may pass, which are then counted.
    fn may_pass(&self, way: Way, bytes: u64) -> bool {
        let mut budgets = self.budgets.lock();
        let budget = match way {
            Way::There => &mut budgets.there,
            Way::Back => &mut budgets.back,
        };
        match budget {
            None => true,
            Some(left) if *left >= bytes => {
                *left -= bytes;
                true
            }
            Some(left) => {
                *left = 0;
                false
            }
        }
    }
}

/// A connection that is to break.
struct Broken;

async fn accept(listener: TcpListener, state: Arc<State>) {
    loop {
        let Ok((client, _)) = listener.accept().await else { continue };
        tokio::spawn(connect(client, state.clone()));
    }
}

async fn connect(client: TcpStream, state: Arc<State>) {
    let mut resets = state.resets.subscribe();
    let Ok(server) = TcpStream::connect(state.target).await else {
        let _ = client.set_zero_linger();
        return;
    };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) = (client.into_split(), server.into_split());
    let passed = tokio::select! {
        _ = resets.changed() => Err(Broken),
        passed = async {
            tokio::try_join!(
                pass(&state, Way::There, &mut from_client, &mut to_server),
                pass(&state, Way::Back, &mut from_server, &mut to_client),
            )
        } => passed.map(drop),
    };
    if passed.is_err() {
        // Closing them then is a reset, not an end (RFC 9293 §3.10.4).
        let _ = (to_client.as_ref().set_zero_linger(), to_server.as_ref().set_zero_linger());
    }
}

/// Returns when this direction ends. When the budget is used up, all connections end.
async fn pass(state: &State, way: Way, from: &mut OwnedReadHalf, to: &mut OwnedWriteHalf) -> Result<(), Broken> {
    let mut buffer = vec![0; 16 << 10];
    loop {
        let count = from.read(&mut buffer).await.map_err(|_| Broken)?;
        if count == 0 {
            return to.shutdown().await.map_err(|_| Broken);
        }
        while state.budgets.lock().stalls {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        if !state.may_pass(way, count as u64) {
            state.breaks.fetch_add(1, Ordering::Relaxed);
            state.resets.send_modify(|count| *count += 1);
            return Err(Broken);
        }
        to.write_all(&buffer[..count]).await.map_err(|_| Broken)?;
    }
}
