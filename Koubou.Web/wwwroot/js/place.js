// The reader's place survives a page that is loaded anew, as after a restart of the dashboard: how far a list was scrolled, and
// what stands in a half-written form. Kept for this tab alone, and used once.
(() => {
  const key = 'koubou-place';
  const timeMax = 10_000;
  const fields = (form) => [...form.querySelectorAll('input[id], textarea[id], select[id]')];
  const valueOf = (field) => (field.type === 'checkbox' ? field.checked : field.value);

  const loadAnew = () => {
    const forms = Object.fromEntries([...document.querySelectorAll('form[data-form]')].map((form) =>
      [form.dataset.form, fields(form).map((field) => [field.id, valueOf(field)])]));
    sessionStorage.setItem(key, JSON.stringify({ at: location.href, top: scrollY, forms }));
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
      const form = document.querySelector(`form[data-form="${CSS.escape(name)}"][data-ready]`);
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

  window.koubouPlace = {
    loadAnew,
    restore() {
      const place = JSON.parse(sessionStorage.getItem(key) ?? 'null');
      sessionStorage.removeItem(key);
      if (place?.at !== location.href) return;
      if (place.top > 0) scrollBack(place.top);
      for (const [name, values] of Object.entries(place.forms)) fill(name, values);
    },
  };
})();
