// <k-code language="python"> around a <pre>: colours its text. The text itself is never touched, so the server goes on
// writing into it: the browser paints ranges of it (CSS custom highlights). Without them, code is plain.
(() => {
  if (!('highlights' in CSS)) return;
  const base = new URL('../lib/highlight/', document.currentScript.src);
  const names = {
    sh: 'bash', shell: 'bash', zsh: 'bash', console: 'bash', h: 'c', 'c++': 'cpp', cc: 'cpp', hpp: 'cpp', cs: 'csharp', 'c#': 'csharp',
    fs: 'fsharp', 'f#': 'fsharp', patch: 'diff', docker: 'dockerfile', golang: 'go', toml: 'ini', conf: 'ini', js: 'javascript',
    jsx: 'javascript', mjs: 'javascript', jsonc: 'json', kt: 'kotlin', make: 'makefile', md: 'markdown', ps1: 'powershell', pwsh: 'powershell',
    py: 'python', python3: 'python', rb: 'ruby', rs: 'rust', ts: 'typescript', tsx: 'typescript', html: 'xml', svg: 'xml', yml: 'yaml',
  };
  const known = new Set(['bash', 'c', 'cpp', 'csharp', 'css', 'diff', 'dockerfile', 'fsharp', 'go', 'ini', 'java', 'javascript', 'json',
    'kotlin', 'lua', 'makefile', 'markdown', 'php', 'powershell', 'python', 'ruby', 'rust', 'sql', 'swift', 'typescript', 'xml', 'yaml']);
  // A dye for each scope; the first part of a scope's name decides.
  const dyes = {
    keyword: 'word', built_in: 'name', type: 'name', literal: 'value', number: 'value', string: 'text', regexp: 'text', char: 'text',
    comment: 'aside', doctag: 'aside', quote: 'aside', meta: 'aside', title: 'title', section: 'title', name: 'word', tag: 'word',
    attr: 'name', attribute: 'name', 'selector-tag': 'word', 'selector-class': 'name', 'selector-id': 'name', symbol: 'value',
    variable: 'name', property: 'name', addition: 'added', deletion: 'gone',
  };
  const highlights = Object.fromEntries([...new Set(Object.values(dyes))].map((dye) => [dye, new Highlight()]));
  for (const [dye, highlight] of Object.entries(highlights)) CSS.highlights.set(`code-${dye}`, highlight);
  const lengthMax = 100_000;
  const loaded = {};
  let core;

  const grammar = async (name) => {
    core ??= import(new URL('core.min.js', base));
    const library = (await core).default;
    // Grammars that hold others ask for them by name.
    loaded[name] ??= import(new URL(`languages/${name}.min.js`, base)).then((module) => library.registerLanguage(name, module.default));
    await loaded[name];
    return library;
  };

  class Code extends HTMLElement {
    #ranges = [];
    #due;
    #watch = new MutationObserver(() => { this.#due ??= setTimeout(() => this.paint(), 200); });
    connectedCallback() {
      this.#watch.observe(this, { characterData: true, childList: true, subtree: true });
      this.paint();
    }
    disconnectedCallback() {
      this.#watch.disconnect();
      clearTimeout(this.#due);
      this.clear();
    }
    clear() {
      for (const [dye, range] of this.#ranges) highlights[dye].delete(range);
      this.#ranges = [];
    }

    async paint() {
      clearTimeout(this.#due);
      this.#due = undefined;
      const word = (this.getAttribute('language') ?? '').trim().split(/\s/)[0].toLowerCase();
      const name = names[word] ?? word;
      const text = this.querySelector('pre')?.firstChild;
      if (!known.has(name) || text?.nodeType !== Node.TEXT_NODE || text.length > lengthMax) return this.clear();
      const library = await grammar(name);
      if (!this.isConnected) return;
      this.clear();
      // The library answers in markup; only lengths and scopes are read from it, in a document that does nothing.
      const answer = document.createElement('template');
      answer.innerHTML = library.highlight(text.data, { language: name, ignoreIllegals: true }).value;
      let at = 0;
      const walk = (node, dye) => {
        if (node.nodeType === Node.TEXT_NODE) {
          const end = Math.min(at + node.length, text.length);
          if (dye && end > at) {
            const range = new StaticRange({ startContainer: text, startOffset: at, endContainer: text, endOffset: end });
            highlights[dye].add(range);
            this.#ranges.push([dye, range]);
          }
          at = end;
          return;
        }
        const scope = [...(node.classList ?? [])].find((name) => name.startsWith('hljs-'))?.slice(5);
        for (const child of node.childNodes) walk(child, dyes[scope] ?? dye);
      };
      walk(answer.content, undefined);
      this.dataset.painted = this.#ranges.length;
    }
  }
  customElements.define('k-code', Code);
})();
