'use strict';
// What is wrong with the layout of the page, in words; for the tests.
const layout = (() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const words = node => JSON.stringify(node.textContent.trim().replace(/\s+/g, ' ').slice(0, 60));
  const isSeen = element => element.checkVisibility() && !element.closest('.sr, .skip, option, script, style');

  // overlapping finds pairs of boxes of different texts that share more than an edge.
  const overlapping = boxes => {
    const wrong = [];
    boxes.sort((a, b) => a.top - b.top);
    boxes.forEach((a, i) => {
      for (let j = i + 1; j < boxes.length && boxes[j].top < a.bottom; j++) {
        const b = boxes[j];
        if (a.node !== b.node && a.left < b.right - 0.5 && b.left < a.right - 0.5) wrong.push(`${words(a.node)} overlaps ${words(b.node)}`);
      }
    });
    return wrong;
  };

  // ink is where the letters of a text in a figure stand: capitals and descenders, for
  // the box of a line has air above.
  const ink = text => {
    const { left, right } = text.getBoundingClientRect();
    const at = text.getStartPositionOfChar(0).matrixTransform(text.getScreenCTM());
    const size = Number(text.getAttribute('font-size')) * text.getScreenCTM().d;
    return { node: text, left, right, top: at.y - 0.74 * size, bottom: at.y + 0.22 * size };
  };

  // figures finds texts in figures that overlap, are cut by the edge, or are not as wide
  // as the figure was laid out for.
  const figures = () => all('figure svg, svg:root').flatMap(svg => {
    const edge = svg.getBoundingClientRect();
    const texts = all('text', svg).filter(text => text.textContent && isSeen(text));
    const boxes = texts.map(ink);
    const wrong = overlapping(boxes);
    for (const box of boxes) {
      if (box.left < edge.left || box.right > edge.right || box.top < edge.top || box.bottom > edge.bottom) wrong.push(`${words(box.node)} is cut`);
    }
    for (const text of texts) {
      const wanted = Number(text.getAttribute('textLength'));
      const free = text.cloneNode(true);
      free.removeAttribute('textLength');
      text.after(free);
      const own = free.getComputedTextLength();
      free.remove();
      if (Math.abs(own - wanted) > 0.02 * wanted + 0.3) wrong.push(`${words(text)} is ${own} wide, and was laid out for ${wanted}`);
    }
    return wrong.map(text => `${svg.closest('figure')?.id ?? 'figure'}: ${text}`);
  });

  // texts finds texts of the page that overlap. The box of a line is higher than its
  // letters, by a fifth at either end.
  const texts = () => {
    const boxes = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (!node.textContent.trim() || node.parentElement.matches('svg *, details:not([open])') || !isSeen(node.parentElement)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const { left, right, top, bottom } of range.getClientRects()) {
        const rim = (bottom - top) / 5;
        boxes.push({ node, left, right, top: top + rim, bottom: bottom - rim });
      }
    }
    return overlapping(boxes);
  };

  // cut finds what is wider than its place. What can be scrolled is let be where that is
  // said: on narrow screens, of tables of numbers and of figures.
  const cut = nothingScrolls => all('body *').filter(isSeen).flatMap(element => {
    if (getComputedStyle(element).overflowX === 'visible' || element.closest('svg') || element.scrollWidth <= element.clientWidth + 1) return [];
    const scrolls = element.matches('.wide') && !nothingScrolls && !element.querySelector('.facts, .verdicts');
    return scrolls ? [] : [`${words(element)} is cut`];
  });

  const wide = () => {
    const { scrollWidth } = document.documentElement;
    return scrollWidth > innerWidth ? [`the page is ${scrollWidth} wide on ${innerWidth} pixels`] : [];
  };

  // screen checks a screen, with the menu open and without.
  const screen = nothingScrolls => {
    const wrong = [...figures(), ...texts(), ...cut(nothingScrolls), ...wide()];
    const menu = document.querySelector('#filters details');
    menu.open = true;
    wrong.push(...wide().map(text => `with the menu open ${text}`));
    const { left, right } = menu.querySelector('fieldset').getBoundingClientRect();
    if (left < 0 || right > innerWidth) wrong.push(`the menu reaches from ${left} to ${right}`);
    menu.open = false;
    return wrong;
  };

  // paper breaks the page into columns of a sheet's size and finds what stands alone: a
  // heading without the beginning of what it heads, a head of a table without a row, a
  // caption without its figure.
  const paper = (width, height) => {
    const wrong = [...figures(), ...texts(), ...wide()];
    for (const element of all('.wide')) {
      if (isSeen(element) && element.scrollWidth > element.clientWidth + 1) wrong.push(`${words(element)} is wider than the sheet`);
    }
    document.body.style.cssText = `width: ${width}px; height: ${height}px; margin: 0; columns: ${width}px auto; column-gap: 0; column-fill: auto`;
    const sheets = element => [...element.getClientRects()].map(box => Math.floor((box.left + 1) / width));
    const [first, last] = [element => Math.min(...sheets(element)), element => Math.max(...sheets(element))];
    const together = (upper, lower, what) => {
      if (last(upper) !== first(lower)) wrong.push(`${what} ${words(upper)} is on sheet ${last(upper) + 1}, what follows on ${first(lower) + 1}`);
    };
    for (const heading of all('h2, h3').filter(isSeen)) {
      let next = heading.nextElementSibling;
      while (next && !isSeen(next)) next = next.nextElementSibling;
      if (!next) continue;
      together(heading, next.querySelector('tr, article, li, dt') ?? next, 'the heading');
    }
    for (const table of all('table').filter(isSeen)) {
      if (table.tHead && table.tBodies[0].rows.length) together(table.tHead, table.tBodies[0].rows[0], 'the head');
    }
    for (const figure of all('figure')) together(figure.querySelector('svg'), figure.querySelector('figcaption'), 'the figure');
    for (const whole of all('figure, .card, tbody tr').filter(isSeen)) {
      if (first(whole) !== last(whole)) wrong.push(`${whole.tagName} ${words(whole)} is torn`);
    }
    document.body.style.cssText = '';
    return wrong;
  };

  return { screen, paper, figures };
})();
