//! A real mail server, run by Node.js; `smtp.cjs` says how it behaves.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::mails::{self, Received};

/// Names the folder in which `require("smtp-server")` finds it.
const VARIABLE: &str = "PORTREEVE_TEST_SMTP";
/// However loaded the machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Killed when dropped.
pub(crate) struct SmtpServer {
    pub(crate) port: u16,
    events: UnboundedReceiver<Value>,
    child: Child,
}

impl SmtpServer {
    pub(crate) async fn start(options: &Value) -> Self {
        let mut child = Command::new("node")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/support/smtp.cjs"))
            .arg(options.to_string())
            .env("NODE_PATH", modules())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node.js, which runs the mail server of these tests");
        let output = BufReader::new(child.stdout.take().expect("an output"));
        let (told, events) = unbounded_channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap_or_else(|_| panic!("the mail server said {line}"));
                if told.send(event).is_err() {
                    return;
                }
            }
        });
        let mut server = Self { port: 0, events, child };
        server.port = server.event().await["port"].as_u64().and_then(|port| port.try_into().ok()).expect("a port");
        server
    }

    /// What happens next.
    pub(crate) async fn event(&mut self) -> Value {
        let event = tokio::time::timeout(PATIENCE, self.events.recv()).await.expect("nothing happened at the mail server");
        event.expect("the mail server ended; its words are above")
    }

    /// The next event, which is of this kind.
    #[track_caller]
    pub(crate) fn expect(&mut self, kind: &'static str) -> impl Future<Output = Value> {
        let caller = std::panic::Location::caller();
        async move {
            let event = self.event().await;
            assert_eq!(event["event"], kind, "at {caller}: {event}");
            event
        }
    }

    /// Whatever happened and nobody asked for.
    pub(crate) fn rest(&mut self) -> Vec<Value> {
        std::iter::from_fn(|| self.events.try_recv().ok()).collect()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The message of a `mail` event.
pub(crate) fn message(mail: &Value) -> (Vec<u8>, Received) {
    let bytes = BASE64_STANDARD.decode(mail["message"].as_str().expect("a message")).expect("base64");
    let read = mails::read(&bytes);
    (bytes, read)
}

/// A certificate for `name`, and the authority that nobody trusts unless told to.
pub(crate) struct Certificate {
    pub(crate) authority: String,
    cert: String,
    key: String,
}

impl Certificate {
    pub(crate) fn of(name: &str) -> Self {
        let mut params = CertificateParams::new([]).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, format!("the authority for {name}"));
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new([name.to_owned()]).expect("parameters");
        let cert = params.signed_by(&key, &authority).expect("a certificate");
        Self { authority: authority.pem(), cert: cert.pem(), key: key.serialize_pem() }
    }

    /// `options` with this certificate.
    pub(crate) fn with(&self, options: &Value) -> Value {
        let mut options = options.clone();
        options["cert"] = json!(self.cert);
        options["key"] = json!(self.key);
        options
    }
}

/// Where the mail server is installed: where the variable says, or where `./test` puts it.
fn modules() -> PathBuf {
    if let Some(folder) = std::env::var_os(VARIABLE) {
        return folder.into();
    }
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools");
    let installed = std::fs::read_dir(tools).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut installed: Vec<_> = installed.filter(|path| path.join("node_modules/smtp-server/package.json").exists()).collect();
    installed.sort_unstable();
    let newest = installed.pop().unwrap_or_else(|| {
        panic!("the tests of mail need a mail server: `./test rust` installs and uses it; or set {VARIABLE} to a node_modules with smtp-server in it")
    });
    newest.join("node_modules")
}
