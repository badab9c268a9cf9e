// Curves as plain SVG, where Plotly will draw them: on screen at once, while its script of 4.7 MB is on its way.
const NUMBERS = { f4: Float32Array, f8: Float64Array, i1: Int8Array, u1: Uint8Array, i2: Int16Array, u2: Uint16Array, i4: Int32Array, u4: Uint32Array };

// An array as Plotly's JSON has it: a list, or the bytes of one.
function numbers(values) {
  if (!values?.bdata) return values ?? [];
  return new NUMBERS[values.dtype](Uint8Array.from(atob(values.bdata), letter => letter.charCodeAt(0)).buffer);
}

// The figure's curves, axes and names of curves; nothing for a figure of another kind.
function sketch({ data, layout }, width, height) {
  const { xaxis, yaxis, margin, annotations = [] } = layout;
  if (!xaxis?.range || !yaxis?.range || !xaxis.title || !yaxis.title || !margin || !xaxis.tickfont || !yaxis.tickfont || data.some(trace => trace.type !== 'scatter')) return '';
  const left = margin.l, top = margin.t, right = width - margin.r, bottom = height - margin.b;
  const [x0, x1] = xaxis.range, [y0, y1] = yaxis.range;
  const across = x => (left + (right - left) * (x - x0) / (x1 - x0)).toFixed(1), down = y => (bottom - (bottom - top) * (y - y0) / (y1 - y0)).toFixed(1);
  const text = (x, y, words, { color, size }, more = '') => `<text x="${x}" y="${y}" fill="${color}" font-size="${size}" ${more}>${String(words).replace(/<[^>]*>/g, '').replaceAll('<', '&lt;')}</text>`;
  const parts = [];
  numbers(yaxis.tickvals).forEach((value, i) => {
    parts.push(`<path d="M${left} ${down(value)}H${right}" stroke="${yaxis.gridcolor}"/>`);
    parts.push(text(left - 3, down(value), yaxis.ticktext?.[i] ?? value, yaxis.tickfont, 'text-anchor="end" dominant-baseline="central"'));
  });
  for (let tick = xaxis.tick0 ?? 0; xaxis.dtick && tick <= x1; tick += xaxis.dtick) parts.push(text(across(tick), bottom + 15, tick, xaxis.tickfont, 'text-anchor="middle"'));
  for (const { x, y, mode = 'lines', line = {}, marker = {}, opacity = 1 } of data) {
    const points = Array.from(numbers(x), (at, i) => [at, numbers(y)[i]]).filter(point => point.every(Number.isFinite)).map(([at, value]) => [across(at), down(value)]);
    const dash = line.dash ? ' stroke-dasharray="9"' : '';
    if (mode.includes('lines') && points.length) parts.push(`<path class="curve" d="M${points.join('L')}" fill="none" stroke="${line.color}" stroke-width="${line.width}" opacity="${opacity}"${dash}/>`);
    if (mode.includes('markers')) parts.push(...points.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="${marker.size / 2}" fill="${marker.color ?? line.color}" stroke="${marker.line?.color ?? 'none'}"/>`));
  }
  for (const { name, x, y, text: words, font, xshift = 0, yshift = 0 } of annotations) {
    if (name === 'ending') parts.push(text(Number(across(x)) + xshift, down(y) - yshift, words, font, 'dominant-baseline="central"'));
  }
  const title = ({ text: words, font }, x, y, turn) => text(x, y, words, font, `text-anchor="middle" transform="rotate(${turn} ${x} ${y})"`);
  parts.push(title(xaxis.title, (left + right) / 2, height - 10, 0), title(yaxis.title, 16, (top + bottom) / 2, -90));
  return `<svg width="${width}" height="${height}" font-family="${layout.font.family.replaceAll('"', "'")}" aria-hidden="true">${parts.join('')}</svg>`;
}
