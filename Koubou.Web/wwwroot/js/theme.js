// Runs before the first paint, so that the page never flashes in the wrong colours.
(() => {
  // Which day the reader has: the server draws the first picture of the next page by it.
  window.koubouZone = () => `${Intl.DateTimeFormat().resolvedOptions().timeZone ?? ''}|${-new Date().getTimezoneOffset()}`;
  document.cookie = `koubou-zone=${encodeURIComponent(window.koubouZone())}; path=/dashboard; max-age=31536000; samesite=lax`;

  const system = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    const choice = localStorage.getItem('koubou-theme') ?? 'system';
    const dark = choice === 'dark' || (choice === 'system' && system.matches);
    document.documentElement.dataset.themeChoice = choice;
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  };
  window.koubouTheme = {
    next() {
      const order = ['system', 'light', 'dark'];
      const choice = order[(order.indexOf(document.documentElement.dataset.themeChoice) + 1) % order.length];
      localStorage.setItem('koubou-theme', choice);
      apply();
    },
  };
  system.addEventListener('change', apply);
  apply();
})();
