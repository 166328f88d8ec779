// <k-chart data='{"kind":"bars","unit":"","from":ms,"step":ms,"series":[{"name","dye","values":[…]}]}'>: drawn to the width
// that there is, with times in the reader's zone; the value under the pointer is told beside it.
(() => {
  const svgSpace = 'http://www.w3.org/2000/svg';
  const language = document.documentElement.lang;
  const clock = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  const height = 132;
  const edge = { left: 34, right: 8, top: 8, bottom: 20 };

  const element = (name, attributes, text) => {
    const made = document.createElementNS(svgSpace, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  };

  // A little above the highest value, and round in its half too, which has a line of its own. Counts have no half tasks.
  const ceiling = (value, whole) => {
    if (value <= 0) return whole ? 2 : 1;
    const power = 10 ** Math.floor(Math.log10(value));
    const steps = [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10].map((step) => step * power);
    return steps.find((step) => step >= value * 0.999 && (!whole || step % 2 === 0)) ?? 2 * power;
  };

  class Chart extends HTMLElement {
    static observedAttributes = ['data'];
    #sizes = new ResizeObserver(() => this.draw());
    connectedCallback() {
      this.#sizes.observe(this);
      this.addEventListener('pointermove', this.tell);
      this.addEventListener('pointerleave', this.hush);
      this.draw();
    }
    disconnectedCallback() { this.#sizes.disconnect(); }
    attributeChangedCallback() { if (this.isConnected) this.draw(); }

    draw() {
      const text = this.getAttribute('data');
      const width = this.clientWidth;
      if (width === 0) return;
      const chart = this.chart = text ? JSON.parse(text) : null;
      const steps = chart?.series[0]?.values.length ?? 0;
      const stacked = chart?.kind === 'bars';
      const sums = [...Array(steps).keys()].map((step) => chart.series.map((row) => row.values[step] ?? 0));
      const highest = Math.max(0, ...sums.map((row) => (stacked ? row.reduce((sum, value) => sum + value, 0) : Math.max(...row))));
      const svg = element('svg', { width, height, viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' });
      const inner = { width: width - edge.left - edge.right, height: height - edge.top - edge.bottom };
      const top = ceiling(highest, chart?.unit === '');
      const x = (step) => edge.left + (step * inner.width) / Math.max(1, steps);
      const y = (value) => edge.top + inner.height * (1 - value / top);
      for (const line of highest > 0 ? [0, top / 2, top] : [0]) {
        svg.append(element('line', { class: 'chart-line', x1: edge.left, x2: width - edge.right, y1: y(line), y2: y(line) }));
        svg.append(element('text', { class: 'chart-text', x: edge.left - 5, y: y(line) + 4, 'text-anchor': 'end' }, number.format(line)));
      }
      if (steps > 0) {
        const marks = width < 400 ? 2 : 4;
        for (let mark = 0; mark <= marks; mark++) {
          const anchor = mark === 0 ? 'start' : mark === marks ? 'end' : 'middle';
          const at = edge.left + (inner.width * mark) / marks;
          svg.append(element('text', { class: 'chart-text', x: at, y: height - 5, 'text-anchor': anchor },
            clock.format(new Date(chart.from + (chart.step * steps * mark) / marks))));
        }
        const floors = Array(steps).fill(0);
        for (const row of chart.series) svg.append(...(stacked ? this.bars(row, floors, x, y) : this.lines(row, x, y)));
      }
      if (highest === 0) svg.append(element('text', { class: 'chart-none', x: edge.left + inner.width / 2, y: edge.top + inner.height / 2 + 4, 'text-anchor': 'middle' }, this.dataset.none));
      this.mark = element('line', { class: 'chart-mark', y1: edge.top, y2: height - edge.bottom, visibility: 'hidden' });
      svg.append(this.mark);
      this.hint ??= Object.assign(document.createElement('div'), { className: 'chart-hint', hidden: true });
      this.replaceChildren(svg, this.hint);
      this.dataset.drawn = steps;
      if (this.pointer !== undefined) this.show();
    }

    bars(row, floors, x, y) {
      const gap = x(1) - x(0) > 4 ? 1 : 0;
      let path = '';
      row.values.forEach((value, step) => {
        if (!value) return;
        const low = y(floors[step]);
        floors[step] += value;
        path += `M${x(step).toFixed(1)} ${low.toFixed(1)}V${y(floors[step]).toFixed(1)}H${(x(step + 1) - gap).toFixed(1)}V${low.toFixed(1)}Z`;
      });
      return [element('path', { class: `chart-bars dye-${row.dye}`, d: path })];
    }

    lines(row, x, y) {
      let path = '';
      let dots = '';
      row.values.forEach((value, step) => {
        if (value === null) return;
        const at = `${((x(step) + x(step + 1)) / 2).toFixed(1)} ${y(value).toFixed(1)}`;
        const joined = step > 0 && row.values[step - 1] !== null;
        path += (joined ? 'L' : 'M') + at;
        if (!joined && (row.values[step + 1] ?? null) === null) dots += `M${at}h0`;
      });
      return [element('path', { class: `chart-curve dye-${row.dye}`, d: path }), element('path', { class: `chart-dots dye-${row.dye}`, d: dots })];
    }

    tell = (event) => {
      this.pointer = event.clientX - this.getBoundingClientRect().left;
      this.show();
    };

    hush = () => {
      this.pointer = undefined;
      this.hint.hidden = true;
      this.mark.setAttribute('visibility', 'hidden');
    };

    show() {
      const steps = this.chart?.series[0]?.values.length ?? 0;
      if (steps === 0) return;
      const inner = this.clientWidth - edge.left - edge.right;
      const step = Math.min(steps - 1, Math.max(0, Math.floor(((this.pointer - edge.left) / inner) * steps)));
      const at = edge.left + ((step + 0.5) * inner) / steps;
      this.mark.setAttribute('x1', at);
      this.mark.setAttribute('x2', at);
      this.mark.setAttribute('visibility', 'visible');
      const time = document.createElement('strong');
      time.textContent = clock.format(new Date(this.chart.from + this.chart.step * step));
      const values = this.chart.series.map((row) => {
        const line = document.createElement('span');
        const value = row.values[step];
        line.textContent = `${row.name} ${value === null ? '–' : number.format(value) + this.chart.unit}`;
        return line;
      });
      this.hint.replaceChildren(time, ...values);
      this.hint.hidden = false;
      this.hint.style.left = `${Math.min(Math.max(0, at - this.hint.offsetWidth / 2), this.clientWidth - this.hint.offsetWidth)}px`;
    }
  }
  customElements.define('k-chart', Chart);
})();
