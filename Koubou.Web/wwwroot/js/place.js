// The reader's place survives a page that is loaded anew, as after a restart of the dashboard: how far a list was scrolled, what
// stands in a half-written form, what is pressed (the day of a chart, a paused tail) and which rows are ticked. Kept for this
// tab alone, and used once.
(() => {
  const key = 'koubou-place';
  const timeMax = 10_000;
  let picked = { ids: [], all: false };

  const take = () => {
    const place = JSON.parse(sessionStorage.getItem(key) ?? 'null');
    sessionStorage.removeItem(key);
    return place?.at === location.href ? place : null;
  };
  const kept = take();

  const fields = (form) => [...form.querySelectorAll('input[id], textarea[id], select[id]')];
  const valueOf = (field) => (field.type === 'checkbox' ? field.checked : field.value);

  const loadAnew = () => {
    const forms = Object.fromEntries([...document.querySelectorAll('[data-form]')].map((form) =>
      [form.dataset.form, fields(form).map((field) => [field.id, valueOf(field)])]));
    const pressed = [...document.querySelectorAll('[data-keep][aria-pressed=true]')].map((button) => button.dataset.keep);
    sessionStorage.setItem(key, JSON.stringify({ at: location.href, top: scrollY, forms, pressed, picked }));
    location.reload();
  };

  // As soon as the page is tall enough again, unless the reader has begun to scroll.
  const scrollBack = (top) => {
    const until = performance.now() + timeMax;
    const moved = new AbortController();
    for (const name of ['wheel', 'touchstart', 'keydown', 'pointerdown']) addEventListener(name, () => moved.abort(), { signal: moved.signal });
    const step = () => {
      if (moved.signal.aborted || performance.now() > until) return moved.abort();
      if (document.documentElement.scrollHeight - innerHeight >= top) {
        scrollTo(0, top);
        return moved.abort();
      }
      requestAnimationFrame(step);
    };
    step();
  };

  // The server learns of each value as if it had been typed; some fields appear only after others are filled.
  const fill = (name, values) => {
    const left = new Map(values);
    const step = () => {
      const form = document.querySelector(`[data-form="${CSS.escape(name)}"][data-ready]`);
      for (const field of form ? fields(form) : []) {
        const value = left.get(field.id);
        if (value === undefined || (field.tagName === 'SELECT' && ![...field.options].some((option) => option.value === value))) continue;
        left.delete(field.id);
        if (!value && !valueOf(field)) continue;
        if (field.type === 'checkbox') field.checked = value;
        else field.value = value;
        field.dispatchEvent(new Event('input', { bubbles: true }));
        field.dispatchEvent(new Event('change', { bubbles: true }));
      }
      if (left.size === 0) watch.disconnect();
    };
    const watch = new MutationObserver(step);
    watch.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ['data-ready'] });
    setTimeout(() => watch.disconnect(), timeMax);
    step();
  };

  // Some buttons come only with what they are for: a chart that was read.
  const press = (names) => {
    const left = new Set(names);
    const step = () => {
      for (const name of [...left]) {
        const button = document.querySelector(`[data-keep="${CSS.escape(name)}"][aria-pressed]`);
        if (!button) continue;
        left.delete(name);
        if (button.getAttribute('aria-pressed') === 'false') button.click();
      }
      if (left.size === 0) watch.disconnect();
    };
    const watch = new MutationObserver(step);
    watch.observe(document.body, { childList: true, subtree: true });
    setTimeout(() => watch.disconnect(), timeMax);
    step();
  };

  window.koubouPlace = {
    loadAnew,
    // The rows that are ticked now, as the server knows them: of a long list the document holds only a part.
    pick(ids, all) { picked = { ids, all }; },
    picked() {
      const none = { ids: [], all: false };
      if (kept?.at !== location.href) return none;
      const once = kept.picked ?? none;
      kept.picked = none;
      return once;
    },
    restore() {
      if (!kept) return;
      if (kept.top > 0) scrollBack(kept.top);
      for (const [name, values] of Object.entries(kept.forms)) fill(name, values);
      press(kept.pressed ?? []);
    },
  };
})();
