// A live curve grows in place: what Plotly drew of it is made longer, in a tenth of the time of a whole drawing, which
// takes from the training that is watched. Plotly follows after WHOLE milliseconds, and at once when somebody points at
// the chart, for it has to know what is pointed at.
const WHOLE = 60_000;
const APART = 100; // milliseconds between whole drawings of a page's charts, so that none holds it up for as long as all

const NUMBERS = { f4: Float32Array, f8: Float64Array, i1: Int8Array, u1: Uint8Array, i2: Int16Array, u2: Uint16Array, i4: Int32Array, u4: Uint32Array };

// An array as Plotly's JSON has it: a list, or the bytes of one.
function numbers(values) {
  if (!values?.bdata) return values ?? [];
  return new NUMBERS[values.dtype](Uint8Array.from(atob(values.bdata), letter => letter.charCodeAt(0)).buffer);
}

const GROWING = ['x', 'y', 'customdata']; // of a curve
const MOVING = ['x', 'y', 'xshift', 'yshift']; // of its name
const without = (names, object) => Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));

// All of a figure but what may grow: while it stays the same, so does all else on screen.
function standing({ data, layout: { annotations = [], meta, ...layout } }) {
  const notes = annotations.map(note => (note.name === 'ending' ? without(MOVING, note) : note));
  return JSON.stringify([data.map(trace => without(GROWING, trace)), layout, notes]);
}

// What `grow` has to know of a figure that Plotly draws.
const asDrawn = fig => ({
  standing: standing(fig),
  curves: fig.data.map(({ x, y }) => JSON.stringify([x, y])),
  names: structuredClone(fig.layout.annotations ?? []),
});

// Bring `plot`, on which Plotly drew `drawn` last, to `fig`; false, and nothing is changed, if that cannot be done so.
function grow(plot, drawn, fig) {
  if (!drawn || plot.matches(':hover') || standing(fig) !== drawn.standing) return false;
  const changes = [];
  for (const [i, trace] of fig.data.entries()) {
    if (JSON.stringify([trace.x, trace.y]) === drawn.curves[i]) continue;
    const grown = growCurve(plot, plot._fullData[i], trace);
    if (!grown) return false;
    changes.push(grown);
  }
  changes.forEach(change => change());
  fig.layout.annotations?.forEach((note, i) => note.name === 'ending' && moveName(plot, i, drawn.names[i], note));
  plot.layout.meta = fig.layout.meta;
  return true;
}

// What lengthens a curve: its line gets another path, its dots are joined by more of their kind.
function growCurve(plot, { uid }, { x, y, mode }) {
  const { xaxis, yaxis } = plot._fullLayout;
  const place = plot.querySelector(`.scatterlayer .trace${uid}`), up = numbers(y);
  const points = Array.from(numbers(x), (at, i) => [xaxis.c2p(at).toFixed(2), yaxis.c2p(up[i]).toFixed(2)]);
  const line = place?.querySelector('.js-line'), dots = [...(place?.querySelectorAll('.point') ?? [])];
  if (points.length < 2 || points.flat().some(isNaN)) return null;
  if ((mode.includes('lines') && !line) || (mode.includes('markers') && (!dots.length || dots.length > points.length))) return null;
  return () => {
    if (mode.includes('lines')) line.setAttribute('d', `M${points.join('L')}`);
    if (!mode.includes('markers')) return;
    while (dots.length < points.length) dots.push(dots[0].parentNode.appendChild(dots[0].cloneNode()));
    dots.forEach((dot, i) => dot.setAttribute('transform', `translate(${points[i]})`));
  };
}

function moveName(plot, i, before, { x, y, xshift, yshift }) {
  const { xaxis, yaxis } = plot._fullLayout, place = plot.querySelector(`.infolayer .annotation[data-index="${i}"]`);
  const right = xaxis.c2p(x) - xaxis.c2p(before.x) + xshift - before.xshift;
  const down = yaxis.c2p(y) - yaxis.c2p(before.y) - yshift + before.yshift;
  place?.setAttribute('transform', `translate(${right.toFixed(2)},${down.toFixed(2)})`);
}
