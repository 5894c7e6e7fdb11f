//! Servers in processes of their own, and what the kernel knows of them.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal};

use super::{Outcome, bare, hello};

/// Ticks a second in `/proc`, on every architecture that Linux and Rust share.
const TICKS: f64 = 100.0;

/// Of a core: what a server looks after by itself takes less.
const IDLE: f64 = 0.05;
/// By then a server rests.
const REST_AT_MOST: Duration = Duration::from_mins(1);

/// The program that is measured: the one that cargo built beside this, or any other that the variable names, such as what `./release` makes.
pub(crate) fn program() -> PathBuf {
    std::env::var_os("PORTREEVE_BENCH_PROGRAM").map_or_else(|| env!("CARGO_BIN_EXE_portreeve").into(), PathBuf::from)
}

/// A server that listens; killed when dropped.
pub(crate) struct Process {
    child: Child,
    /// Whether others work for it, which end when it is asked to, and not when it is killed.
    leads: bool,
    /// Kept, so that nothing it prints meets a closed pipe.
    _output: Option<BufReader<ChildStdout>>,
    pub(crate) address: SocketAddr,
}

impl Process {
    /// `portreeve serve` with its defaults, but for the throttle and what makes it a process among others: free ports and its own folder.
    pub(crate) fn portreeve(data: &Path) -> Outcome<Self> {
        Self::portreeve_with(data, [])
    }

    /// The same with other settings of `[public]`.
    pub(crate) fn portreeve_with<'a>(data: &Path, settings: impl IntoIterator<Item = (&'a str, &'a str)>) -> Outcome<Self> {
        let mut command = serve(Command::new(program()), data);
        command
            .env("PORTREEVE__THROTTLE__ENABLED", "false")
            .envs(settings.into_iter().map(|(name, value)| (format!("PORTREEVE__PUBLIC__{name}"), value)));
        Self::spawn(&mut command)
    }

    /// `portreeve serve` with this as its configuration, and what makes it a process among others.
    pub(crate) fn portreeve_configured(data: &Path, configuration: &str) -> Outcome<Self> {
        Self::portreeve_under(&[], data, configuration)
    }

    /// The same, run by a program that looks at it.
    pub(crate) fn portreeve_under(observer: &[String], data: &Path, configuration: &str) -> Outcome<Self> {
        let (path, address) = (data.join("portreeve.toml"), free_address()?);
        fs::write(&path, configuration)?;
        let mut command = serve(under(observer, &program()), data);
        command.arg("--config").arg(path).env("PORTREEVE__PUBLIC__LISTEN", address.to_string());
        // One name whatever the port is, so that a token is good after another start.
        command.env("PORTREEVE__PUBLIC_URL", "http://portreeve.localhost:3000");
        Self::spawn_at(&mut command, address)
    }

    /// The floor, see [`hello`].
    pub(crate) fn hello() -> Outcome<Self> {
        Self::hello_under(&[])
    }

    /// The same, run by a program that looks at it.
    pub(crate) fn hello_under(observer: &[String]) -> Outcome<Self> {
        Self::spawn(under(observer, &std::env::current_exe()?).arg(hello::ARGUMENT))
    }

    /// The floor of files, see [`bare`].
    pub(crate) fn files(folder: &Path) -> Outcome<Self> {
        Self::spawn(Command::new(std::env::current_exe()?).arg(bare::ARGUMENT).arg(folder))
    }

    /// PocketBase, as it comes; the first administrator is made before.
    pub(crate) fn pocketbase(folder: &Path, email: &str, password: &str) -> Outcome<Self> {
        pocketbase(folder, email, password).and_then(|(mut command, _)| Self::spawn(&mut command))
    }

    /// PocketBase that answers when what it took survives a power cut. It has no setting for that. Its database gets `synchronous = FULL` by a hook, and the folder of
    /// its files the attributes by which Linux writes through what is in it (`chattr(1)`, `S` and `D`).
    pub(crate) fn pocketbase_durable(folder: &Path, email: &str, password: &str) -> Outcome<Self> {
        let (mut command, data) = pocketbase(folder, email, password)?;
        let (hooks, files) = (folder.join("hooks"), data.join("storage"));
        fs::create_dir(&hooks)?;
        let hook = "onBootstrap((e) => { e.next(); $app.nonconcurrentDB().newQuery('PRAGMA synchronous = FULL').execute(); });";
        fs::write(hooks.join("durable.pb.js"), hook)?;
        fs::create_dir_all(&files)?;
        if !Command::new("chattr").arg("+SD").arg(&files).status()?.success() {
            return Err("the file system has no attribute that writes files through (ext4 has)".into());
        }
        Self::spawn(command.arg("--hooksDir").arg(hooks))
    }

    /// The server of the tus project, see `benches/peers/tus.mjs`; a durable one syncs what it took before it answers.
    pub(crate) fn tus(folder: &Path, is_durable: bool) -> Outcome<Self> {
        let mut command = Command::new("node");
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/tus.mjs")).arg(folder);
        Self::spawn(command.args(is_durable.then_some("durable")))
    }

    /// A service on fastify, see `benches/peers/fastify.mjs`.
    pub(crate) fn fastify(folder: &Path, people: u32) -> Outcome<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/fastify.mjs");
        Self::spawn(Command::new("node").arg(script).arg(folder).arg(people.to_string()))
    }

    /// nginx that passes everything on to `target`, limits requests and connections by address, names each request, tells who asked, and writes a line as JSON: what
    /// Portreeve does but for who may ask. Its connections are kept alive on both sides. Its workers are as many as Debian's package has: one a core.
    pub(crate) fn nginx(folder: &Path, target: SocketAddr) -> Outcome<Self> {
        let address = free_address()?;
        let folder = folder.display();
        let configuration = format!(
            r#"daemon off; user root; worker_processes auto; pid {folder}/pid; error_log /dev/null; events {{ worker_connections 4096; }}
http {{ keepalive_requests 1000000000; client_body_temp_path {folder}; proxy_temp_path {folder};
  fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  log_format line escape=json '{{"timestamp":"$time_iso8601","level":"INFO","message":"request","request_id":"$request_id","method":"$request_method",'
    '"route":"$uri","status":$status,"seconds":$request_time,"bytes":$body_bytes_sent,"upstream":"$upstream_addr"}}';
  access_log /dev/null line;
  limit_req_zone $binary_remote_addr zone=requests:1m rate=1000000r/s; limit_req zone=requests burst=1000000 nodelay;
  limit_conn_zone $binary_remote_addr zone=connections:1m; limit_conn connections 10000;
  upstream target {{ server {target}; keepalive 128; keepalive_requests 1000000000; }}
  server {{ listen {address}; location / {{ proxy_pass http://target; proxy_http_version 1.1; proxy_set_header Connection "";
    proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Host $host;
    proxy_set_header X-Request-Id $request_id; add_header X-Request-Id $request_id always; }} }} }}"#
        );
        let path = format!("{folder}/nginx.conf");
        fs::write(&path, configuration)?;
        let mut server = Self::spawn_at(Command::new("nginx").args(["-c", &path]), address)?;
        server.leads = true;
        Ok(server)
    }

    /// Traefik that passes `/hello` on to `target`.
    pub(crate) fn traefik(folder: &Path, target: SocketAddr) -> Outcome<Self> {
        let program = std::env::var_os("PORTREEVE_BENCH_TRAEFIK")
            .ok_or("PORTREEVE_BENCH_TRAEFIK names no program; server/benches/peers/run gets it")?;
        let address = free_address()?;
        let routes = folder.join("routes.yml");
        fs::write(
            &routes,
            format!(
                "http: {{ routers: {{ all: {{ rule: 'PathPrefix(`/hello`)', service: target }} }}, services: {{ target: {{ loadBalancer: {{ servers: [{{ url: 'http://{target}' }}] }} }} }} }}"
            ),
        )?;
        let mut command = Command::new(program);
        command.args([format!("--entryPoints.web.address={address}"), format!("--providers.file.filename={}", routes.display())]);
        command.args([
            "--accessLog.filePath=/dev/null",
            "--log.level=ERROR",
            "--global.checkNewVersion=false",
            "--global.sendAnonymousUsage=false",
        ]);
        Self::spawn_at(&mut command, address)
    }

    /// Those that do not tell their address are told it.
    fn spawn_at(command: &mut Command, address: SocketAddr) -> Outcome<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = child.map_err(|error| format!("{program}: {error}"))?;
        let process = Self { child, leads: false, _output: None, address };
        for _ in 0..600 {
            if TcpStream::connect(address).is_ok() {
                return Ok(process);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err(format!("{program} does not listen").into())
    }

    /// All name their address at the end of the first line they print. The log goes nowhere, but it is written.
    fn spawn(command: &mut Command) -> Outcome<Self> {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut output = BufReader::new(child.stdout.take().ok_or("no output")?);
        let mut line = String::new();
        output.read_line(&mut line)?;
        let address = line.trim().rsplit("http://").next().unwrap_or_default().trim_end_matches('/').parse();
        let address = address.map_err(|_| format!("a server did not start; it said “{}”", line.trim()))?;
        Ok(Self { child, leads: false, _output: Some(output), address })
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn stop(mut self) -> Outcome<()> {
        let id = Pid::from_raw(i32::try_from(self.id())?).ok_or("no process")?;
        rustix::process::kill_process(id, Signal::TERM)?;
        if self.child.wait()?.success() { Ok(()) } else { Err("a server did not stop in order".into()) }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    fn folder(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}", self.id()))
    }

    /// Time on any core so far, in user and kernel mode.
    pub(crate) fn cpu_seconds(&self) -> Outcome<f64> {
        Ok(seconds(&self.folder())?.into_iter().sum())
    }

    /// Waits until it does nothing more: until it took next to none of the processor's time for so long.
    pub(crate) async fn rest(&self, long: Duration) -> Outcome<()> {
        let began = Instant::now();
        while began.elapsed() < REST_AT_MOST {
            let before = self.cpu_seconds()?;
            tokio::time::sleep(long).await;
            if self.cpu_seconds()? - before < long.as_secs_f64() * IDLE {
                return Ok(());
            }
        }
        Err("a server that nobody asks anything does not come to rest".into())
    }

    /// The same of the threads whose names begin with `name`, in user mode and in the kernel.
    pub(crate) fn thread_seconds(&self, name: &str) -> Outcome<[f64; 2]> {
        let mut sum = [0.0; 2];
        for process in self.processes()? {
            for task in fs::read_dir(process.join("task"))? {
                let task = task?.path();
                if fs::read_to_string(task.join("comm"))?.starts_with(name) {
                    let [user, kernel] = seconds(&task)?;
                    sum = [sum[0] + user, sum[1] + kernel];
                }
            }
        }
        Ok(sum)
    }

    /// Its folder in `/proc`, and those of the processes that work for it.
    fn processes(&self) -> Outcome<Vec<PathBuf>> {
        let mut all = vec![self.folder()];
        if self.leads {
            let parent = format!("PPid:\t{}\n", self.id());
            for process in fs::read_dir("/proc")? {
                let process = process?.path();
                // Others end meanwhile.
                if fs::read_to_string(process.join("status")).is_ok_and(|status| status.contains(&parent)) {
                    all.push(process);
                }
            }
        }
        Ok(all)
    }

    /// Resident memory, in bytes: all of it, and without the pages of files (the program itself, the database), which the kernel drops
    /// whenever it wants them.
    pub(crate) fn resident(&self) -> Outcome<(f64, f64)> {
        let status = fs::read_to_string(self.folder().join("status"))?;
        let field = |name: &str| -> Outcome<f64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or_else(|| format!("no {name} in /proc"))?;
            Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? * 1024.0)
        };
        Ok((field("VmRSS:")?, field("RssAnon:")?))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let id = i32::try_from(self.id()).ok().and_then(Pid::from_raw);
        let _ = match id.filter(|_| self.leads) {
            Some(id) => rustix::process::kill_process(id, Signal::TERM).map_err(std::io::Error::from),
            None => self.child.kill(),
        };
        let _ = self.child.wait();
    }
}

/// PocketBase that serves, with an administrator, and the folder of its data.
fn pocketbase(folder: &Path, email: &str, password: &str) -> Outcome<(Command, PathBuf)> {
    let program = std::env::var_os("PORTREEVE_BENCH_POCKETBASE")
        .ok_or("PORTREEVE_BENCH_POCKETBASE names no program; server/benches/peers/run gets it")?;
    // It writes migrations beside its folder.
    let data = folder.join("data");
    let made = Command::new(&program).args(["superuser", "upsert", email, password, "--dir"]).arg(&data).stdout(Stdio::null()).status()?;
    if !made.success() {
        return Err("PocketBase makes no administrator".into());
    }
    // It does not tell which port it was given, so it is given one that is free.
    let mut command = Command::new(program);
    command.args(["serve", "--http", &free_address()?.to_string(), "--dir"]).arg(&data);
    Ok((command, data))
}

/// `serve`, in its own folder and on free ports.
fn serve(mut command: Command, data: &Path) -> Command {
    // Whoever measures may have settings of their own.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PORTREEVE__")) {
        command.env_remove(name);
    }
    command
        .arg("serve")
        .env("PORTREEVE__DATA__PATH", data)
        .env("PORTREEVE__PUBLIC_URL", "http://127.0.0.1:0")
        .env("PORTREEVE__PUBLIC__LISTEN", "127.0.0.1:0")
        .env("PORTREEVE__INTERNAL__LISTEN", "127.0.0.1:0");
    command
}

/// The program, or the one that runs it.
fn under(observer: &[String], program: &Path) -> Command {
    let Some((first, rest)) = observer.split_first() else { return Command::new(program) };
    let mut command = Command::new(first);
    command.args(rest).arg(program);
    command
}

fn free_address() -> Outcome<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// As [`Process::cpu_seconds`], of the program that measures.
pub(crate) fn own_cpu_seconds() -> Outcome<f64> {
    Ok(seconds(Path::new("/proc/self"))?.into_iter().sum())
}

/// In user mode and in the kernel: fields 14 and 15 of proc_pid_stat(5), counted after the name, which may hold anything.
fn seconds(process: &Path) -> Outcome<[f64; 2]> {
    let stat = fs::read_to_string(process.join("stat"))?;
    let (_, fields) = stat.rsplit_once(')').ok_or("an odd /proc/PID/stat")?;
    let mut ticks = fields.split_whitespace().skip(11).map(str::parse::<f64>);
    match (ticks.next(), ticks.next()) {
        (Some(user), Some(kernel)) => Ok([user? / TICKS, kernel? / TICKS]),
        _ => Err("a short /proc/PID/stat".into()),
    }
}
