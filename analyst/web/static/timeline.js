// Draws the charts of a page anew, where the server has drawn them as SVG: with a cursor that reads the values out, and
// a selection that zooms. Without this script the pages work as they are.

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function named(start, by) {
  const [year, month, day] = start.split('-').map(Number);
  return (by === 'month' ? '' : `${day} `) + `${months[month - 1]} ${year}`;
}

function percent(share) {
  if (share >= 0.1 || share === 0) return `${Math.round(share * 100)}%`;
  return share >= 0.001 ? `${(share * 100).toFixed(1)}%` : '<0.1%';
}

const counted = (n, one, many) => `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;

function resolved(name) {
  // light-dark() is no colour for a canvas: an element is asked what it comes to.
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

function options(plot, data, says) {
  const n = data.buckets.length;
  const line = resolved('--line');
  const text = resolved('--pico-muted-color');
  const show = data.show === 'share' ? percent : (value) => value.toLocaleString('en-US');
  return {
    width: plot.clientWidth,
    height: plot.clientHeight,
    legend: { show: false },
    padding: [6, 0, 0, 0],
    scales: { x: { time: false, range: [Math.min(-0.5, n - 24.5), n - 0.5] }, y: { range: (u, low, high) => [0, high || 1] } },
    axes: [
      { show: false },
      {
        size: 0, gap: 0, stroke: text, grid: { stroke: line, width: 1 }, ticks: { show: false },
        splits: (u) => [u.scales.y.max / 2, u.scales.y.max], values: () => [],
      },
    ],
    cursor: { x: true, y: false, points: { show: false }, drag: { x: Boolean(plot.dataset.zoom), y: false, setScale: false } },
    hooks: {
      setCursor: [(u) => says(u.cursor.idx)],
      setSelect: [(u) => zoom(plot, data, u)],
    },
  };
}

function zoom(plot, data, u) {
  if (u.select.width < 3) return;
  const within = (left) => Math.max(0, Math.min(data.buckets.length - 1, Math.round(u.posToVal(left, 'x'))));
  const [first, last] = [within(u.select.left), within(u.select.left + u.select.width)];
  const address = new URL(plot.dataset.zoom, location.href);
  address.searchParams.set('since', data.buckets[first][0]);
  address.searchParams.set('until', data.buckets[last][1]);
  location.assign(address);
}

function timeline(plot, data, says) {
  const column = data.of === 'stories' ? 2 : 3;
  const value = (b) => (data.show === 'count' ? b[column] : b[4] ? b[column] / b[4] : 0);
  const marks = new Map(data.marks);
  const made = options(plot, data, (number) => {
    if (number === null || number === undefined) return says('');
    const b = data.buckets[number];
    const name = (data.by === 'week' ? 'Week of ' : '') + named(b[0], data.by);
    const told = `${name}: ${counted(b[2], 'story', 'stories')}, ${counted(b[3], 'article', 'articles')}, `
      + `${data.of} are ${percent(b[4] ? b[column] / b[4] : 0)} of all published.`;
    return says(marks.has(number) ? `${told} ${marks.get(number)}.` : told);
  });
  const [bar, flag, band] = ['--bar', '--flag', '--band'].map(resolved);
  made.series = [{}, { paths: uPlot.paths.bars({ size: [0.8, 60] }), fill: bar, width: 0, points: { show: false } }];
  made.hooks.drawClear = [(u) => {
    u.ctx.save();
    u.ctx.fillStyle = band;
    for (const [first, last] of data.gaps) {
      const left = u.valToPos(first - 0.5, 'x', true);
      u.ctx.fillRect(left, u.bbox.top, u.valToPos(last + 0.5, 'x', true) - left, u.bbox.height);
    }
    u.ctx.restore();
  }];
  made.hooks.draw = [(u) => {
    u.ctx.save();
    u.ctx.fillStyle = flag;
    const size = devicePixelRatio;
    for (const [number] of data.marks) {
      const x = Math.round(u.valToPos(number, 'x', true));
      u.ctx.fillRect(x - size / 2, u.bbox.top, size, u.bbox.height);
      u.ctx.beginPath();
      u.ctx.moveTo(x - 4 * size, u.bbox.top);
      u.ctx.lineTo(x + 4 * size, u.bbox.top);
      u.ctx.lineTo(x, u.bbox.top + 6 * size);
      u.ctx.fill();
    }
    u.ctx.restore();
  }];
  return new uPlot(made, [data.buckets.map((_, n) => n), data.buckets.map(value)], plot);
}

function comparison(plot, data, says) {
  const queries = data.buckets[0].length - 2;
  const made = options(plot, data, (number) => {
    if (number === null || number === undefined) return says('');
    const [start, , ...values] = data.buckets[number];
    const told = values.map((v) => (data.show === 'share' ? percent(v) : v.toLocaleString('en-US'))).join(' · ');
    return says(`${data.by === 'week' ? 'Week of ' : ''}${named(start, data.by)}: ${told}`);
  });
  made.scales.x.range = [0, Math.max(1, data.buckets.length - 1)];
  made.series = [{}];
  for (let k = 0; k < queries; k += 1) {
    const dash = [[], [7, 4], [2, 3], [10, 3, 2, 3]][k];
    made.series.push({ stroke: resolved(`--line-${k + 1}`), width: 2, dash, points: { show: false } });
  }
  const columns = Array.from({ length: queries }, (_, k) => data.buckets.map((b) => b[2 + k]));
  return new uPlot(made, [data.buckets.map((_, n) => n), ...columns], plot);
}

function start(plot) {
  const data = JSON.parse(plot.dataset.chart);
  const reads = plot.parentElement.querySelector('.reads');
  const usual = reads.textContent;
  const says = (text) => { reads.textContent = text || usual; };
  let drawn = null;
  const draw = () => {
    drawn?.destroy();
    plot.querySelector('svg')?.remove();
    drawn = (data.buckets[0].length && data.marks ? timeline : comparison)(plot, data, says);
    plot.dataset.drawn = 'yes';
  };
  draw();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  new ResizeObserver(() => {
    if (drawn.width !== plot.clientWidth) drawn.setSize({ width: plot.clientWidth, height: plot.clientHeight });
  }).observe(plot);
}

if (window.uPlot && style('--bar')) document.querySelectorAll('[data-chart]').forEach(start);
