// A mail server for the tests: Nodemailer's smtp-server, which `./test` installs, behaving as its one argument says. What happens is told line
// by line on standard output, as JSON; the first line names the port. It ends with its standard input, so no test leaves one behind.
const { SMTPServer } = require("smtp-server");
const { key, cert, secure, starttls, account, refuse = {} } = JSON.parse(process.argv[2]);

const say = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);

// `refuse` has for an address the code and the words to refuse it with, at which step, and how many times.
function refusal(step, address) {
  const rule = refuse[address];
  if (!rule || rule.at !== step || rule.times === 0) return null;
  rule.times -= 1;
  say({ event: "refused", address, code: rule.code });
  return Object.assign(new Error(rule.words), { responseCode: rule.code });
}

const server = new SMTPServer({
  key,
  cert,
  secure,
  hideSTARTTLS: !starttls,
  disabledCommands: [...(starttls ? [] : ["STARTTLS"]), ...(account ? [] : ["AUTH"])],
  // Only where a test has no TLS at all.
  allowInsecureAuth: !secure && !starttls,
  disableReverseLookup: true,
  logger: false,
  onAuth({ username, password }, _session, done) {
    const right = username === account.username && password === account.password;
    say({ event: "authenticated", username, right });
    done(right ? null : Object.assign(new Error("Authentication credentials invalid"), { responseCode: 535 }), { user: username });
  },
  onRcptTo({ address }, _session, done) {
    done(refusal("rcpt", address));
  },
  onData(stream, session, done) {
    const chunks = [];
    stream.on("data", (chunk) => chunks.push(chunk));
    stream.on("end", () => {
      const to = session.envelope.rcptTo.map(({ address }) => address);
      const error = refusal("data", to[0]);
      const message = Buffer.concat(chunks).toString("base64");
      if (!error) say({ event: "mail", from: session.envelope.mailFrom.address, to, secure: session.secure, user: session.user, message });
      done(error);
    });
  },
});

// A client that hangs up, such as one that does not trust the certificate.
server.on("error", ({ message }) => say({ event: "error", message }));
server.listen(0, "127.0.0.1", () => say({ port: server.server.address().port }));
process.stdin.resume();
process.stdin.on("end", () => process.exit());
