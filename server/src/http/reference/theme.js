// Before the first paint: the theme that was chosen on the other pages, or else the system's.
(() => {
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const follow = () => {
    let chosen = null;
    try {
      chosen = JSON.parse(localStorage.getItem('portreeve.theme'));
    } catch {
      // Nothing that was chosen here.
    }
    if (chosen === 'light' || chosen === 'dark') root.dataset.theme = chosen;
    else delete root.dataset.theme;
    root.classList.toggle('dark-mode', chosen === 'dark' || (chosen !== 'light' && system.matches));
  };
  system.addEventListener('change', follow);
  addEventListener('storage', follow);
  follow();
})();
