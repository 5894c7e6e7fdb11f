// The calls, and whose they are. Tokens stay in this page's memory: nothing that runs elsewhere on the site can find them.
(() => {
  const find = (id) => document.getElementById(id);
  const [form, inside, refused] = ['sign-in', 'signed-in', 'refused'].map(find);
  /** A token that ends so soon is exchanged before it is used. */
  const SOON = 30_000;
  let tokens = null;
  let refreshing = null;

  async function call(path, body, headers = {}) {
    const answer = await fetch(path, {
      method: 'POST',
      credentials: 'omit',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    const told = text ? JSON.parse(text) : null;
    if (answer.ok) return told;
    throw Object.assign(new Error(told?.errors?.[0]?.message ?? told?.title ?? `The server answered ${answer.status}.`), { status: answer.status });
  }

  function keep(answer) {
    tokens = { access: answer.access_token, refresh: answer.refresh_token, ends: Date.now() + answer.expires_in * 1000 };
  }

  function show(message = '') {
    form.hidden = tokens !== null;
    inside.hidden = tokens === null;
    refused.textContent = message;
    refused.hidden = message === '';
  }

  function refresh() {
    refreshing ??= call('/v1/auth/refresh', { refresh_token: tokens.refresh })
      .then(keep, ({ status }) => {
        if (status !== 401) return; // not now; the next call asks again
        tokens = null;
        show('You were signed out. Sign in again.');
      })
      .finally(() => {
        refreshing = null;
      });
    return refreshing;
  }

  async function bearer() {
    if (tokens !== null && tokens.ends - Date.now() < SOON) await refresh();
    return tokens?.access;
  }

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const { email, password } = Object.fromEntries(new FormData(form));
    try {
      keep(await call('/v1/auth/sign-in', { email, password }));
    } catch (error) {
      show(error.status === undefined ? 'The server cannot be reached. Try again in a moment.' : error.message);
      form.elements.email.focus();
      return;
    }
    find('who').textContent = email;
    form.reset();
    show();
    find('sign-out').focus();
  });

  find('sign-out').addEventListener('click', async () => {
    const { refresh: refresh_token } = tokens;
    tokens = null;
    show();
    form.elements.email.focus();
    // Whether or not it is heard of, the page has forgotten it.
    await call('/v1/auth/sign-out', { refresh_token }).catch(() => {});
  });

  SwaggerUIBundle({
    url: '/v1/openapi.json',
    dom_id: '#reference',
    presets: [SwaggerUIBundle.presets.apis],
    layout: 'BaseLayout',
    deepLinking: true,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    validatorUrl: null,
    async requestInterceptor(request) {
      request.credentials = 'omit';
      const ours = new URL(request.url, location.href).origin === location.origin;
      const token = ours && !request.loadSpec && !request.headers.Authorization ? await bearer() : undefined;
      if (token !== undefined) request.headers.Authorization = `Bearer ${token}`;
      return request;
    },
  });
  show();
})();
