// Draws the charts of a page anew, where the server has drawn them as SVG: with a cursor that reads the values out, and
// a selection that zooms, by mouse, finger and keyboard. Without this script the pages work as they are.

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const FEWEST = 24; // a bar is never wider than one of so many
const DRAGGED = 6; // pixels from which a press is a selection
const KEYS = 'Arrows read on, with Shift they select, Enter shows those days';
const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3]];

// ------------------------------------------------------------------ words
function start(data, number) {
  const day = new Date(`${data.first}T00:00Z`);
  if (data.by === 'month') day.setUTCMonth(day.getUTCMonth() + number);
  else day.setUTCDate(day.getUTCDate() + number * (data.by === 'week' ? 7 : 1));
  return day;
}

function named(data, number) {
  const day = start(data, number);
  return (data.by === 'month' ? '' : `${day.getUTCDate()} `) + `${MONTHS[day.getUTCMonth()]} ${day.getUTCFullYear()}`;
}

const iso = (day) => day.toISOString().slice(0, 10);
const first = (data, number) => [iso(start(data, number)), data.within[0] ?? ''].sort()[1];
const last = (data, number) => {
  const day = start(data, number + 1);
  day.setUTCDate(day.getUTCDate() - 1);
  return [iso(day), data.within[1] ?? '9999'].sort()[0];
};

function percent(share) {
  if (share >= 0.1 || share === 0) return `${Math.round(share * 100)}%`;
  return share >= 0.001 ? `${(share * 100).toFixed(1)}%` : '<0.1%';
}

const counted = (n, one, many) => `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;
const shown = (data) => (data.show === 'share' ? percent : (value) => value.toLocaleString('en-US'));

function told(data, number) {
  const name = (data.by === 'week' ? 'Week of ' : '') + named(data, number);
  const mark = data.marks.find(([at]) => at === number);
  return `${name}: ${data.queries ? ofQueries(data, number) : ofStories(data, number)}.${mark ? ` ${mark[1]}.` : ''}`;
}

function ofStories(data, number) {
  const [stories, articles] = [data.stories[number], data.articles[number]];
  if (!articles) return 'no article';
  return `${counted(stories, 'story', 'stories')}, ${counted(articles, 'article', 'articles')}, `
    + `${data.of} are ${percent(shareOf(data, number))} of all published`;
}

function ofQueries(data, number) {
  const values = data.queries.map((query, k) => [query, data.lines[k][number]]);
  return values.map(([query, value]) => `${query} ${value === null ? '–' : shown(data)(value)}`).join(' · ');
}

const shareOf = (data, number) => (data.coverage[number] ? data[data.of][number] / data.coverage[number] : 0);

// ------------------------------------------------------------------ drawing
function resolved(name) {
  // light-dark() is no colour for a canvas: an element is asked what it comes to.
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

function options(plot, data, reads) {
  const [line, text, flag, band] = ['--line', '--pico-muted-color', '--flag', '--band'].map(resolved);
  const none = () => null;
  return {
    width: plot.clientWidth,
    height: plot.clientHeight,
    legend: { show: false },
    padding: [6, 0, 0, 0],
    scales: { x: { time: false }, y: { range: (u, low, high) => [0, high || 1] } },
    axes: [
      { show: false },
      {
        size: 0, gap: 0, stroke: text, grid: { stroke: line, width: 1 }, ticks: { show: false },
        splits: (u) => [u.scales.y.max / 2, u.scales.y.max], values: () => [],
      },
    ],
    cursor: {
      x: true, y: false, points: { show: false }, drag: { x: false, y: false },
      bind: { mousedown: none, mouseup: none, click: none, dblclick: none },
    },
    hooks: {
      setCursor: [(u) => { if (!u.select.width) reads(u.cursor.idx); }], // what is selected is read out instead
      drawClear: [(u) => data.gaps.forEach(([from, to]) => {
        const left = u.valToPos(from - 0.5, 'x', true);
        u.ctx.fillStyle = band;
        u.ctx.fillRect(left, u.bbox.top, u.valToPos(to + 0.5, 'x', true) - left, u.bbox.height);
      })],
      draw: [(u) => data.marks.forEach(([number]) => {
        const size = devicePixelRatio;
        const x = Math.round(u.valToPos(number, 'x', true));
        u.ctx.fillStyle = flag;
        u.ctx.globalAlpha = data.queries ? 0.4 : 1; // behind lines, of which one may have its colour
        u.ctx.fillRect(x - size / 2, u.bbox.top, size, u.bbox.height);
        u.ctx.globalAlpha = 1;
        u.ctx.beginPath();
        u.ctx.moveTo(x - 4 * size, u.bbox.top);
        u.ctx.lineTo(x + 4 * size, u.bbox.top);
        u.ctx.lineTo(x, u.bbox.top + 6 * size);
        u.ctx.fill();
      })],
    },
  };
}

function timeline(plot, data, reads) {
  const made = options(plot, data, reads);
  const n = data.articles.length;
  const bars = uPlot.paths.bars({ size: [0.8 * Math.min(1, n / FEWEST), Infinity] });
  made.scales.x.range = [-0.5, n - 0.5];
  made.series = [{}, { paths: bars, fill: resolved('--bar'), width: 0, points: { show: false } }];
  const values = data.articles.map((_, number) => (data.show === 'count' ? data[data.of][number] : shareOf(data, number)));
  return new uPlot(made, [[...values.keys()], values], plot);
}

function comparison(plot, data, reads) {
  const made = options(plot, data, reads);
  const n = data.lines[0].length;
  made.scales.x.range = n > 1 ? [0, n - 1] : [-0.5, 0.5];
  made.series = [{}, ...data.lines.map((_, k) => (
    { stroke: resolved(`--line-${k + 1}`), width: 2, dash: DASHES[k], points: { show: n === 1 } }
  ))];
  return new uPlot(made, [[...data.lines[0].keys()], ...data.lines], plot);
}

// ------------------------------------------------------------------ choosing days
function zoom(plot, data, [from, to]) {
  const address = new URL(plot.dataset.zoom, location.href);
  address.searchParams.set('since', first(data, from));
  address.searchParams.set('until', last(data, to));
  location.assign(address);
}

function mark(u, [from, to]) {
  const within = (x) => Math.max(0, Math.min(u.over.clientWidth, u.valToPos(x, 'x')));
  const left = within(from - 0.5);
  u.setSelect({ left, top: 0, width: within(to + 0.5) - left, height: u.over.clientHeight }, false);
}

const unmark = (u) => u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
const ordered = (a, b) => (a < b ? [a, b] : [b, a]);

function look(u, number) {
  u.setCursor({ left: u.valToPos(number, 'x'), top: 0 });
}

// A drag selects and zooms, a click shows one bucket. A finger's first tap reads out, for it cannot hover; the second one
// on the same bucket is the click. What goes up or down scrolls the page.
function pointing(plot, data, u, says, count) {
  let [from, began, dragged, looked] = [null, 0, false, null];
  const at = (event) => {
    const x = u.posToVal(event.clientX - u.over.getBoundingClientRect().left, 'x');
    return Math.max(0, Math.min(count - 1, Math.round(x)));
  };
  u.over.addEventListener('pointerdown', (event) => {
    if (!event.isPrimary || event.button !== 0) return;
    [from, began, dragged] = [at(event), event.clientX, false];
    u.over.setPointerCapture(event.pointerId);
  });
  u.over.addEventListener('pointermove', (event) => {
    if (from === null) return;
    dragged ||= Math.abs(event.clientX - began) >= DRAGGED;
    if (!dragged) return;
    const span = ordered(from, at(event));
    mark(u, span);
    says(spanned(data, span));
  });
  u.over.addEventListener('pointerup', (event) => {
    if (from === null) return;
    const to = at(event);
    if (dragged) zoom(plot, data, ordered(from, to));
    else if (event.pointerType === 'mouse' || looked === to) zoom(plot, data, [to, to]);
    else {
      look(u, to);
      says(`${told(data, to)} Tap again to see only that.`);
    }
    [from, looked] = [null, dragged ? null : to];
  });
  u.over.addEventListener('touchend', (event) => event.preventDefault()); // a mouse that is not there would follow
  u.over.addEventListener('pointercancel', () => {
    from = null;
    unmark(u);
    says('');
  });
}

const spanned = (data, [from, to]) => (from === to ? told(data, from) : `${named(data, from)} to ${named(data, to)}.`);

// The chart as a slider: arrows read the buckets out, with Shift they select, Enter zooms.
function keying(plot, data, chart, says, count) {
  let [here, anchor] = [count - 1, count - 1];
  const show = () => {
    plot.setAttribute('aria-valuenow', here);
    plot.setAttribute('aria-valuetext', spanned(data, ordered(anchor, here)));
  };
  plot.tabIndex = 0;
  plot.setAttribute('role', 'slider');
  plot.setAttribute('aria-valuemin', 0);
  plot.setAttribute('aria-valuemax', count - 1);
  plot.setAttribute('aria-label', `${plot.getAttribute('aria-label')}. ${KEYS}`);
  show();
  plot.addEventListener('keydown', (event) => {
    const many = Math.max(2, Math.round(count / 10));
    const to = {
      ArrowLeft: here - 1, ArrowDown: here - 1, ArrowRight: here + 1, ArrowUp: here + 1,
      PageUp: here + many, PageDown: here - many, Home: 0, End: count - 1, Escape: here,
    }[event.key];
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'Enter') return zoom(plot, data, ordered(anchor, here));
    if (to === undefined) return;
    event.preventDefault();
    here = Math.max(0, Math.min(count - 1, to));
    if (!event.shiftKey) anchor = here;
    look(chart(), here);
    if (anchor === here) unmark(chart());
    else mark(chart(), ordered(anchor, here));
    says(spanned(data, ordered(anchor, here)));
    show();
  });
  plot.addEventListener('focus', () => {
    if (!plot.matches(':focus-visible')) return;
    look(chart(), here);
    says(`${told(data, here)} ${KEYS}.`);
  });
  plot.addEventListener('blur', () => {
    anchor = here;
    unmark(chart());
    chart().setCursor({ left: -10, top: -10 });
    says('');
    show();
  });
}

function begin(plot) {
  const data = JSON.parse(plot.dataset.chart);
  const count = (data.queries ? data.lines[0] : data.articles).length;
  const caption = plot.parentElement.querySelector('figcaption');
  const reading = document.createElement('span'); // over the usual text, whose place it takes without moving anything
  reading.className = 'reading';
  caption.append(reading);
  const says = (text) => {
    reading.textContent = text;
    caption.toggleAttribute('data-reading', Boolean(text));
  };
  const at = (number) => says(number === null || number === undefined ? '' : told(data, number));
  let drawn = null;
  const draw = () => {
    drawn?.destroy();
    plot.querySelector('svg')?.remove();
    drawn = (data.queries ? comparison : timeline)(plot, data, at);
    pointing(plot, data, drawn, says, count);
    plot.dataset.drawn = 'yes';
  };
  draw();
  keying(plot, data, () => drawn, says, count);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  new ResizeObserver(() => {
    if (drawn.width !== plot.clientWidth) drawn.setSize({ width: plot.clientWidth, height: plot.clientHeight });
  }).observe(plot);
}

if (window.uPlot && style('--bar')) document.querySelectorAll('[data-chart]').forEach(begin);
