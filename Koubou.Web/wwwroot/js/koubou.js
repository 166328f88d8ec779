// What the browser does by itself: clocks that tick, copying, theme, language, and coming back after a break.
(() => {
  const language = document.documentElement.lang;
  const units = language === 'ja'
    ? { s: ' 秒', m: ' 分', h: ' 時間', d: ' 日', ago: '前', now: 'たった今' }
    : { s: ' s', m: ' min', h: ' h', d: ' d', ago: ' ago', now: 'just now' };

  const span = (seconds, fine) => {
    if (fine && seconds < 10) return seconds.toFixed(1) + units.s;
    if (seconds < 60) return Math.floor(seconds) + units.s;
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) {
      const rest = String(Math.floor(seconds % 60)).padStart(2, '0');
      return fine ? `${minutes}${units.m} ${rest}${units.s}` : minutes + units.m;
    }
    const hours = Math.floor(minutes / 60);
    return hours < 48 ? hours + units.h : Math.floor(hours / 24) + units.d;
  };

  const full = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
  const clocks = new Set();

  // <k-clock mode="elapsed|ago|span|until" at="ISO time" until="ISO time">: times in words, in the reader's own time zone,
  // ticking without a word to the server.
  class Clock extends HTMLElement {
    static observedAttributes = ['at', 'until', 'mode'];
    connectedCallback() { clocks.add(this); this.show(); }
    disconnectedCallback() { clocks.delete(this); }
    attributeChangedCallback() { if (this.isConnected) this.show(); }
    show() {
      const at = Date.parse(this.getAttribute('at') ?? '');
      let text = '';
      if (!Number.isNaN(at)) {
        const mode = this.getAttribute('mode');
        const end = mode === 'span' ? Date.parse(this.getAttribute('until')) : Date.now();
        const seconds = Math.max(0, (end - at) / 1000);
        if (mode === 'span') text = span(seconds, true);
        else if (mode === 'until') text = span(Math.max(0, (at - end) / 1000), false);
        else if (mode === 'elapsed') text = span(seconds, seconds >= 60);
        else text = seconds < 5 ? units.now : span(seconds, false) + units.ago;
        this.title = full.format(new Date(at));
      }
      if (this.textContent !== text) this.textContent = text;
    }
  }
  customElements.define('k-clock', Clock);
  setInterval(() => clocks.forEach((clock) => clock.show()), 1000);

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Plain http from another machine has no clipboard API.
      const area = Object.assign(document.createElement('textarea'), { value: text });
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
    }
  };

  document.addEventListener('click', async (event) => {
    const button = event.target.closest('button');
    if (!button) return;
    if ('keys' in button.dataset) document.getElementById('keys').showModal();
    if ('themeSwitch' in button.dataset) window.koubouTheme.next();
    if (button.dataset.language) {
      const value = encodeURIComponent(`c=${button.dataset.language}|uic=${button.dataset.language}`);
      document.cookie = `koubou-language=${value}; path=/dashboard; max-age=31536000; samesite=lax`;
      window.koubouPlace.loadAnew();
    }
    if (button.dataset.copy) {
      await copy(document.getElementById(button.dataset.copy).textContent);
      button.dataset.copied = '';
      setTimeout(() => delete button.dataset.copied, 1500);
    }
  });

  // An open popover closes by Escape, or when the reader goes on elsewhere.
  const closePopovers = (except) => document.querySelectorAll('details[data-popover][open]').forEach((popover) => {
    if (!popover.contains(except)) popover.open = false;
  });
  document.addEventListener('pointerdown', (event) => closePopovers(event.target));
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    const popover = event.target.closest('details[data-popover][open]');
    closePopovers();
    popover?.querySelector('summary').focus();
  });

  // One step through the rows; the browser scrolls to what has the focus, and the table fills itself there.
  const move = (step) => {
    const rows = [...document.querySelectorAll('[data-row]')];
    const at = rows.indexOf(document.activeElement?.closest('[data-row]'));
    const next = rows[at < 0 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1)];
    const link = next?.querySelector('[data-row-link]');
    link?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: 'nearest' });
  };

  const keys = {
    '/': () => document.querySelector('[data-search]')?.focus(),
    j: () => move(1),
    k: () => move(-1),
    x: () => document.activeElement?.closest('[data-row]')?.querySelector('[data-pick]')?.click(),
    n: () => document.querySelector('[data-place=submit]').click(),
    '?': () => document.getElementById('keys').showModal(),
  };

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest('input:not([type=checkbox]), textarea, select, dialog, [contenteditable]')) return;
    if (!Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });

  // Views of the tasks, by name, in this browser alone.
  window.koubouViews = {
    all() {
      try {
        const views = JSON.parse(localStorage.getItem('koubou-views') ?? '[]');
        return views.filter((view) => typeof view.name === 'string' && typeof view.query === 'string').slice(0, 30);
      } catch {
        return [];
      }
    },
    keep(views) { localStorage.setItem('koubou-views', JSON.stringify(views)); },
  };

  // What a datetime field holds is the reader's own time; the workshop wants the moment.
  window.koubouTime = (local) => { const time = new Date(local); return Number.isNaN(time.getTime()) ? '' : time.toISOString(); };

  // The gateway's own settings, which it tells to the reader alone. Null: this page did not come through a gateway.
  window.koubouGatewaySettings = async () => {
    try {
      const reply = await fetch('/dashboard/gateway/settings', { headers: { Accept: 'application/json' }, signal: AbortSignal.timeout(5000) });
      return reply.ok ? (await reply.json()).settings : null;
    } catch {
      return null;
    }
  };

  // The address of a filter that changes with each key: no navigation, and nothing to go back to.
  window.koubouAddress = (address) => history.replaceState(history.state, '', address);

  window.koubouReady = () => {
    document.documentElement.dataset.interactive = '';
    window.koubouPlace.restore();
  };

  // A circuit that the server no longer knows (it was restarted) is replaced by loading the same address anew.
  document.getElementById('components-reconnect-modal').addEventListener('components-reconnect-state-changed', (event) => {
    if (event.detail.state === 'rejected' || event.detail.state === 'resume-failed') window.koubouPlace.loadAnew();
  });
  Blazor.start({
    circuit: {
      reconnectionOptions: {
        maxRetries: Number.MAX_SAFE_INTEGER,
        retryIntervalMilliseconds: (retries) => Math.min(250 * 2 ** Math.min(retries, 5), 5000),
      },
    },
  });
})();
