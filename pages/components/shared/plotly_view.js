// A figure drawn once and then only changed. See plotly_view.py.
const ON_DARK = __ON_DARK__;
const FAILED = 'This chart cannot be drawn because its drawing library did not load. If the app is still running, reload the page.';

// When what was put on the page has been painted; in a tab behind others, where nothing is, a moment later.
const PAINT = 100; // milliseconds
const painted = () => new Promise(done => { requestAnimationFrame(() => setTimeout(done)); setTimeout(done, PAINT); });

let loading = null;
function plotly() {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  loading ??= painted().then(() => new Promise((resolve, reject) => { // the script holds up the page for a second
    const script = document.createElement('script');
    script.src = new URL('api/plotly.min.js?v=__PLOTLY_VERSION__', document.baseURI);
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => { loading = null; script.remove(); reject(new Error('plotly.min.js')); }; // the next update tries again
    document.head.append(script);
  }));
  return loading;
}

const css = (element, name) => getComputedStyle(element).getPropertyValue(name).trim();

const darkness = new Map(); // by what CSS calls the colour

function isDark(element) {
  const colour = css(element, '--st-background-color');
  if (!darkness.has(colour)) {
    const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    probe.fillStyle = colour;
    probe.fillRect(0, 0, 1, 1);
    const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
    darkness.set(colour, 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128);
  }
  return darkness.get(colour);
}

// A square chart is no higher than it is wide; every other one is as high as it was asked to be.
function heightOf(layout, height, width) {
  if (!layout.yaxis?.scaleanchor || !width) return height; // no width: in a tab that is not shown
  const { l = 80, r = 80, t = 100, b = 80 } = layout.margin ?? {};
  return Math.min(height, width - l - r + t + b);
}

function figure(data, element) {
  const text = isDark(element) ? data.fig.replace(/#[0-9a-f]{6}\b/gi, colour => ON_DARK[colour.toLowerCase()] ?? colour) : data.fig;
  const fig = JSON.parse(text);
  const layout = fig.layout;
  Object.assign(layout, { uirevision: data.uirevision, autosize: true, paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)' });
  layout.font = { ...layout.font, color: css(element, '--st-text-color'), family: css(element, '--st-font') };
  for (const axis of Object.keys(layout).filter(name => /^[xy]axis\d*$/.test(name))) layout[axis].gridcolor = css(element, '--st-border-color-light');
  if (matchMedia('(pointer: coarse)').matches) layout.dragmode = false; // a finger scrolls the page
  if (element.clientWidth && element.clientWidth < 480 && layout.margin?.r > 100) namesAbove(layout);
  return fig;
}

// Where names beside the curves would leave no room for the curves, a legend above takes their place.
function namesAbove(layout) {
  const names = layout.annotations.filter(note => note.name === 'ending');
  layout.annotations = layout.annotations.filter(note => note.name !== 'ending');
  layout.margin = { ...layout.margin, r: 16, t: 12 + 22 * names.length };
  Object.assign(layout, { showlegend: true, legend: { orientation: 'v', x: 0, y: 1, yanchor: 'bottom' } });
}

function config(data) {
  return { displaylogo: false, displayModeBar: data.modebar, showSendToCloud: false, modeBarButtonsToRemove: ['sendChartToCloud'], scrollZoom: false, doubleClick: false };
}

// The cells of the first heatmap, which arrow keys walk over.
function cells(plot) {
  const heat = (plot._fullData ?? []).find(trace => trace.type === 'heatmap');
  if (!heat) return null;
  const { xaxis, yaxis } = plot.layout;
  const name = at => `${words(yaxis)} ${at.y}, ${words(xaxis)} ${at.x}`;
  return { rows: heat.z.length, columns: heat.z[0].length, trace: heat, name };
}

// What an axis counts, in a word: "true digit" -> "true".
const words = axis => (axis.title?.text ?? '').replace(/ digit$/, '');

function placeCursor(plot, cursor, at) {
  const { xaxis, yaxis } = plot._fullLayout;
  const left = xaxis._offset + Math.min(xaxis.d2p(at.x - 0.5), xaxis.d2p(at.x + 0.5));
  const top = yaxis._offset + Math.min(yaxis.d2p(at.y - 0.5), yaxis.d2p(at.y + 0.5));
  const width = Math.abs(xaxis.d2p(1) - xaxis.d2p(0)), height = Math.abs(yaxis.d2p(1) - yaxis.d2p(0));
  Object.assign(cursor.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
}

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function walk(view, event) {
  const grid = cells(view.plot);
  if (!grid || !view.clickable) return;
  const step = STEPS[event.key];
  if (step) {
    view.at = view.at === null ? { x: 0, y: 0 } : {
      x: Math.min(grid.columns - 1, Math.max(0, view.at.x + step[0])),
      y: Math.min(grid.rows - 1, Math.max(0, view.at.y + step[1])) };
    view.cursor.hidden = false;
    placeCursor(view.plot, view.cursor, view.at);
    const data = grid.trace.customdata?.[view.at.y]?.[view.at.x];
    view.said.textContent = grid.name(view.at) + (data == null ? '' : `: ${plain(data)[0] ?? data}`);
  } else if ((event.key === 'Enter' || event.key === ' ') && view.at !== null) {
    choose(view, view.at);
  } else return;
  event.preventDefault();
}

const plain = value => (ArrayBuffer.isView(value) ? Array.from(value) : value ?? null);

const TAP = { pixels: 10, milliseconds: 700 }; // longer or further is a scroll or a hesitation

// Which cell lies under a point of the window; null beside the heatmap.
function cellAt(plot, { clientX, clientY }) {
  const grid = cells(plot);
  if (!grid) return null;
  const { xaxis, yaxis } = plot._fullLayout, { left, top } = plot.getBoundingClientRect();
  const x = Math.round(xaxis.p2d(clientX - left - xaxis._offset)), y = Math.round(yaxis.p2d(clientY - top - yaxis._offset));
  return x >= 0 && x < grid.columns && y >= 0 && y < grid.rows ? { x, y } : null;
}

function choose(view, at) {
  const { trace } = cells(view.plot);
  view.at = at;
  view.send({ ...at, customdata: plain(trace.customdata?.[at.y]?.[at.x]) });
}

// Plotly takes for the clicked cell the one it hovered last, and a second tap within 0.3 s for a double click:
// on a heatmap the pointer itself is asked.
function listenToPointer(view) {
  let down = null;
  view.plot.addEventListener('pointerdown', event => { down = event.isPrimary && event.button === 0 ? event : null; }, true);
  const up = event => {
    const from = down;
    down = null;
    if (!from || !view.clickable || event.pointerId !== from.pointerId) return;
    if (Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) > TAP.pixels) return;
    if (event.timeStamp - from.timeStamp > TAP.milliseconds) return;
    const at = cellAt(view.plot, event);
    if (at) choose(view, at);
  };
  window.addEventListener('pointerup', up, { capture: true, signal: view.ended.signal });
  view.plot.addEventListener('pointercancel', () => { down = null; }, true);
}

// Plotly counts two clicks as one double click if it gets to both within 0.3 s, which a busy browser misses; `detail` is
// the browser's own count, by when they were made.
function listenToDoubleClick(view) {
  view.plot.addEventListener('click', ({ detail, target }) => { if (detail === 2 && target.closest('.nsewdrag')) unzoom(view); });
}

function unzoom({ plot, latest }) {
  const { layout } = JSON.parse(latest.fig);
  const ranges = Object.keys(plot.layout).filter(name => /^[xy]axis\d*$/.test(name) && !layout[name]?.fixedrange)
    .map(axis => (layout[axis]?.range ? [`${axis}.range`, layout[axis].range] : [`${axis}.autorange`, true]));
  window.Plotly.relayout(plot, Object.fromEntries(ranges));
}

function bind(view) {
  const { plot, cursor } = view;
  plot.on('plotly_click', event => {
    const point = event.points[0];
    if (view.clickable && !cells(plot)) view.send({ x: point.x, y: point.y, customdata: plain(point.customdata) });
  });
  plot.on('plotly_relayout', () => { view.zoomed = isZoomed(view); settle(view); });
  listenToPointer(view);
  listenToDoubleClick(view);
  plot.addEventListener('keydown', event => walk(view, event));
  plot.addEventListener('blur', () => { cursor.hidden = true; });
  view.observer = new ResizeObserver(() => {
    if (!plot.clientWidth || plot.clientWidth === plot._fullLayout?.width) return;
    fit(view);
    window.Plotly.Plots.resize(plot);
    if (!cursor.hidden) placeCursor(plot, cursor, view.at);
  });
  view.observer.observe(plot);
}

function fit(view) {
  const { root, latest } = view;
  root.style.height = `${heightOf(JSON.parse(latest.fig).layout, latest.height, root.clientWidth)}px`;
}

function describe(view, data) {
  const { plot } = view;
  plot.setAttribute('role', data.clickable ? 'application' : 'img');
  const hint = data.clickable && data.fig.includes('"heatmap"') ? ' Arrow keys move between cells; Enter selects one.' : '';
  plot.setAttribute('aria-label', data.description + hint);
  plot.toggleAttribute('data-clickable', data.clickable);
  if (data.clickable) plot.tabIndex = 0; else plot.removeAttribute('tabindex');
}

function fail(view) {
  const sentence = document.createElement('p');
  sentence.className = 'pv-failed';
  sentence.role = 'alert';
  sentence.textContent = FAILED;
  view.plot.replaceChildren(sentence);
  view.plot.dataset.failed = '1';
}

// A run as it goes on: one socket for all charts of a page. Each message has a line of what happened and two a figure.
const feeds = new Map();
const AGAIN = 1000; // milliseconds until a lost socket is opened anew; meanwhile the page asks instead

function feedOf(run) {
  if (!feeds.has(run)) {
    const feed = { run, charts: new Set(), socket: null, latest: null, retry: null };
    feeds.set(run, feed);
    listen(feed);
  }
  return feeds.get(run);
}

function listen(feed) {
  const address = new URL(`api/live/${feed.run}`, document.baseURI);
  address.protocol = address.protocol.replace('http', 'ws');
  feed.socket = new WebSocket(address);
  feed.socket.onmessage = event => { feed.latest = event.data; deliver(feed); };
  feed.socket.onclose = () => {
    feed.latest = null;
    if (!feed.charts.size) return;
    for (const view of feed.charts) ask(view);
    feed.retry = setTimeout(() => listen(feed), AGAIN);
  };
}

// With the figure that the feed sent last, if it is alive: the page's script may bring an older one.
function newest({ feed }, data) {
  const lines = feed?.run === data.live?.run_id && feed?.latest?.split('\n').slice(1);
  return lines ? { ...data, fig: lines[2 * data.live.part], svg: lines[2 * data.live.part + 1] } : data;
}

const newsOf = feed => JSON.parse(feed.latest.split('\n', 1)[0]);

function deliver(feed) {
  if (document.hidden || feed.latest === null) return; // nobody looks; what is newest then comes when somebody does
  tell(newsOf(feed).words);
  for (const view of feed.charts) {
    draw(view, newest(view, view.latest));
    askWhenDue(view);
  }
}

document.addEventListener('visibilitychange', () => feeds.forEach(deliver));

// What stands beside the curves comes from the server's script. It is asked for soon when the run's state is another
// one, and else no more often than the server bears with so many watchers; never before the last answer has settled:
// Streamlit takes the end of one run of the script for the end of the next if they come together, and clears the page.
const SETTLE = 200; // milliseconds
const ANSWER = 5000; // after so long without one it is asked for again

function askWhenDue(view) {
  const { live } = view.latest;
  if (!live.asks) return;
  const { state, pause } = newsOf(view.feed);
  const at = Math.max(view.written + Math.max(state === live.state ? 1000 * pause : 0, SETTLE), view.asked + ANSWER);
  if (view.due && view.dueAt <= at) return;
  clearTimeout(view.due);
  view.dueAt = at;
  view.due = setTimeout(() => ask(view), at - performance.now());
}

// The page's script has run: what stands beside the curves is of `view.latest.live.state`.
function answered(view) {
  clearTimeout(view.due);
  Object.assign(view, { written: performance.now(), asked: -Infinity, due: null });
  if (!view.feed?.latest) return;
  tell(newsOf(view.feed).words);
  if (newsOf(view.feed).state !== view.latest.live.state) askWhenDue(view);
}

function ask(view) {
  clearTimeout(view.due);
  view.due = null;
  if (!view.latest.live?.asks || !view.root.isConnected) return;
  if (untilQuiet()) {
    view.dueAt = performance.now() + untilQuiet();
    view.due = setTimeout(() => ask(view), untilQuiet());
    return;
  }
  view.asked = view.written = performance.now();
  view.ask(Date.now());
}

function follow(view, live) {
  if (view.feed?.run === live?.run_id) return;
  leave(view);
  if (!live) return;
  view.feed = feedOf(live.run_id);
  view.feed.charts.add(view);
}

function leave(view) {
  const { feed } = view;
  if (!feed) return;
  clearTimeout(view.due);
  Object.assign(view, { feed: null, due: null });
  feed.charts.delete(view);
  if (feed.charts.size) return;
  feeds.delete(feed.run);
  clearTimeout(feed.retry);
  feed.socket.close();
}

// All that a drawing depends on; a chart that is asked to show what it shows has nothing to do.
const lookOf = (view, { fig, height, uirevision, clickable, modebar }) =>
  JSON.stringify([fig, height, uirevision, clickable, modebar, css(view.root, '--st-background-color'), css(view.root, '--st-font')]);

// A chart of a run that is followed is shown as the server drew it, which takes a browser a fifth of what Plotly would
// take each time, from the cores that train; and by Plotly for as long as somebody points at it or has zoomed.
const isByServer = ({ feed, latest, plot, zoomed, held }) => !!feed && latest.svg !== '' && !zoomed && !held && !plot.matches(':hover');

function isZoomed({ plot, latest }) {
  const { layout } = JSON.parse(latest.fig);
  return ['xaxis', 'yaxis'].some(axis => String(plot.layout[axis].range) !== String(layout[axis].range));
}

function draw(view, data) {
  view.latest = data;
  const look = lookOf(view, data);
  if (view.root.dataset.by && view.look === look) return;
  view.look = look;
  if (isByServer(view)) drawByServer(view); else drawByPlotly(view);
}

function drawByServer(view) {
  view.drawn.innerHTML = view.latest.svg;
  show(view, 'server', view.drawn.firstElementChild.dataset.step);
  plotly().catch(() => {}); // so that it is there when somebody points; if not, it is said then
}

function drawByPlotly(view) {
  const { look } = view;
  plotly().then(async () => {
    if (view.look !== look || !view.root.isConnected) return; // a newer figure is on its way
    const fig = figure(view.latest, view.root);
    delete fig.layout.height; // the element has it
    view.plot.querySelector('.pv-failed')?.remove();
    await window.Plotly.react(view.plot, fig.data, fig.layout, config(view.latest));
    if (!view.bound) { view.bound = true; bind(view); }
    if (!isByServer(view)) show(view, 'plotly', fig.layout.meta?.step);
  }, () => fail(view));
}

function show(view, by, step = 0) {
  Object.assign(view.root.dataset, { by, step });
  view.plot.dataset.ready = '1';
}

// Who points is answered by Plotly, with the newest figure; who goes leaves the chart to the server again.
function settle(view) {
  if (isByServer(view) === (view.root.dataset.by === 'server')) return;
  if (isByServer(view)) drawByServer(view); else drawByPlotly(view);
}

function listenToLooks(view) {
  const { plot, ended: { signal } } = view;
  const hold = held => () => { view.held = held; if (view.root.dataset.by) settle(view); };
  plot.addEventListener('pointerenter', hold(false));
  plot.addEventListener('pointerleave', ({ pointerType }) => pointerType !== 'touch' && settle(view)); // a finger leaves when it is lifted
  plot.addEventListener('pointerdown', hold(true), true); // while a frame is drawn to zoom, Plotly lies over the page
  for (const end of ['pointerup', 'pointercancel']) window.addEventListener(end, hold(false), { capture: true, signal });
}

const views = new WeakMap();

export default function ({ data: { live, ...rest }, parentElement, setTriggerValue }) {
  const data = { ...rest, live: live && JSON.parse(live) };
  const root = parentElement.querySelector('.pv');
  const known = views.get(root), view = known ?? { root, plot: root.querySelector('.pv-plot'), drawn: root.querySelector('.pv-drawn'), cursor: root.querySelector('.pv-cursor'), said: root.querySelector('.pv-said'), at: null, bound: false, zoomed: false, held: false, ended: new AbortController() };
  views.set(root, view);
  if (!known) listenToLooks(view);
  view.clickable = data.clickable;
  view.send = value => setTriggerValue('clicked', value);
  view.ask = value => setTriggerValue('asked', value);
  follow(view, data.live);
  draw(view, newest(view, data));
  fit(view);
  describe(view, data);
  answered(view);
  return () => setTimeout(() => { // also called for a stale update, while the chart stays on the page
    if (root.isConnected) return;
    leave(view);
    view.observer?.disconnect();
    view.ended.abort();
    window.Plotly?.purge(view.plot);
  });
}
