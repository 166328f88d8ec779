// Runs before the first paint, so that the page never flashes in the wrong colours.
(() => {
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
