'use strict';
// The page reads without this; it adds filters, sorting and the values of points.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const form = document.getElementById('filters');
  const tip = document.getElementById('tip');
  document.documentElement.classList.add('scripted');
  form.hidden = false;

  // Filters: a part is shown if its strategy, its bound and its producers all are.
  const facts = new Map(all('tr[data-family]').map(row => [row.dataset.strategy, row.dataset]));
  const boxes = all('input[name=strategy]', form);
  let wanted = { strategies: new Set(), producers: '' };
  const shows = (strategy, producers) =>
    (!strategy || wanted.strategies.has(strategy)) && (!+producers || !wanted.producers || wanted.producers === String(producers));
  const filter = () => {
    const value = name => form.elements[name]?.value ?? '';
    const strategies = boxes.filter(box => box.checked).map(box => box.value)
      .filter(s => ['family', 'bound', 'origin'].every(name => !value(name) || facts.get(s)[name] === value(name)));
    wanted = { strategies: new Set(strategies), producers: value('producers') };
    for (const part of all('[data-strategy], [data-producers], [data-bound]', document.getElementById('main'))) {
      const { strategy, producers, bound } = part.dataset;
      part.toggleAttribute('hidden', !shows(strategy, producers) || Boolean(bound && value('bound') && bound !== value('bound')));
    }
    // What is left of an answer: a list without entries has nothing to unfold, and an
    // answer without any says so.
    for (const answer of all('.verdict')) {
      const more = answer.querySelector('.more');
      if (more) {
        const left = all('.best', more).filter(entry => !entry.hidden).length;
        more.hidden = !left;
        more.querySelector('summary span').textContent = left;
      }
      answer.classList.toggle('is-filtered', all('.best', answer).every(entry => entry.hidden));
    }
    const producers = wanted.producers && ` at ${wanted.producers} producer${wanted.producers === '1' ? '' : 's'}`;
    form.querySelector('output').textContent = `${strategies.length} of ${boxes.length} strategies shown${producers}`;
  };
  form.addEventListener('change', filter);
  form.addEventListener('submit', event => event.preventDefault());
  form.addEventListener('reset', () => setTimeout(filter));
  for (const button of all('button[data-check]', form)) {
    button.addEventListener('click', () => {
      for (const box of boxes) box.checked = button.dataset.check === 'all';
      filter();
    });
  }
  const details = form.querySelector('details');
  document.addEventListener('click', event => { if (!details.contains(event.target)) details.open = false; });
  details.addEventListener('keydown', event => {
    if (event.key === 'Escape') { details.open = false; details.firstElementChild.focus(); }
  });

  // Sorting: by the numbers that cells carry in a column of numbers, by their texts in
  // one of words. What is absent comes last.
  for (const table of all('table.sortable')) {
    const heads = all('thead th', table);
    heads.forEach((head, column) => {
      const isNumber = head.dataset.sort === 'number';
      const keyOf = ({ dataset, textContent }) => {
        if (isNumber) return dataset.value && Number(dataset.value);
        return dataset.none === undefined ? textContent : undefined;
      };
      const compare = (a, b, sign) => {
        if (a === undefined || b === undefined) return (a === undefined) - (b === undefined);
        return sign * (isNumber ? a - b : a.localeCompare(b));
      };
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener('click', () => {
        const up = head.getAttribute('aria-sort') !== 'ascending';
        for (const other of heads) other.removeAttribute('aria-sort');
        head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
        const rows = [...table.tBodies[0].rows].map(row => [keyOf(row.cells[column]), row]);
        rows.sort((a, b) => compare(a[0], b[0], up ? 1 : -1));
        table.tBodies[0].append(...rows.map(row => row[1]));
      });
    });
  }

  // Values: of the point nearest to the pointer, or stepped through by keys.
  const reach = 18;
  for (const figure of all('figure')) {
    const { series, points } = JSON.parse(figure.querySelector('script').textContent);
    const plot = figure.querySelector('.plot');
    const svg = plot.querySelector('svg');
    const ring = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
    ring.setAttribute('class', 'ring');
    ring.setAttribute('r', 7);
    let current = -1;
    const visible = () => points.filter(([, , s, producers]) => shows(series[s][1], producers));
    const hide = () => { ring.remove(); tip.hidden = true; };
    const show = ([x, y, s, , text]) => {
      ring.setAttribute('cx', x);
      ring.setAttribute('cy', y);
      svg.append(ring);
      tip.textContent = `${series[s][0]}\n${text}`;
      tip.hidden = false;
      const at = ring.getBoundingClientRect();
      const left = Math.min(at.right + 8, innerWidth - tip.offsetWidth - 8);
      tip.style.left = `${Math.max(8, left)}px`;
      tip.style.top = `${at.top > tip.offsetHeight + 12 ? at.top - tip.offsetHeight - 4 : at.bottom + 4}px`;
    };
    svg.addEventListener('pointermove', event => {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      let best, nearest = reach;
      for (const point of visible()) {
        const far = Math.hypot(point[0] - at.x, point[1] - at.y);
        if (far < nearest) [best, nearest] = [point, far];
      }
      if (best) show(best); else hide();
    });
    svg.addEventListener('pointerleave', hide);
    plot.addEventListener('blur', hide);
    plot.addEventListener('keydown', event => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      const shown = visible();
      if (event.key === 'Escape') hide();
      if (!step || !shown.length) return;
      event.preventDefault();
      current = (Math.max(current, step > 0 ? -1 : 0) + step + shown.length) % shown.length;
      show(shown[current]);
    });
  }
  filter();
})();
