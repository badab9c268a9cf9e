// The table of runs. What is ticked here is told with a number that counts up, and told again until the server says that
// it has taken it in (`data.taken`): so what is shown is always what the server acts on, with what it has yet to hear of.
const tables = new WeakMap(); // by the element they are in
const PIN = '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M5.5 1.5h5l-.8 5 2.3 2.5H4l2.3-2.5zM8 9v5.5"/></svg>';

function tableOf(element) {
  if (!tables.has(element)) {
    tables.set(element, { name: crypto.getRandomValues(new Uint32Array(2)).join('-'), number: 0, untold: [], drawn: '' });
  }
  return tables.get(element);
}

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children);
  return element;
}

function headOf(column, at) {
  const cell = make('th', { scope: 'col', class: `${at ? '' : 'first'}${column.number ? ' number' : ''}`,
    title: column.help || null, 'aria-sort': { up: 'ascending', down: 'descending' }[column.order] || null });
  const arrow = make('span', { class: 'arrow', 'aria-hidden': 'true' }, { up: '↑', down: '↓' }[column.order] || '');
  const name = column.by ? make('button', { type: 'button', 'data-sort': column.by }, column.name, arrow) : column.name;
  cell.append(at ? name : make('div', {}, make('span', { class: 'tick', 'aria-hidden': 'true' }), name));
  return cell;
}

function firstOf(row, isDark) {
  const swatch = make('span', { class: 'swatch', 'aria-hidden': 'true' });
  if (row.look) swatch.style.borderTop = `3px ${{ solid: 'solid', dash: 'dashed', dot: 'dotted' }[row.look.dash]} ${isDark ? row.look.dark : row.look.colour}`;
  const [name] = row.cells;
  const box = make('input', { type: 'checkbox', 'data-tick': row.id, 'aria-label': `Tick ${name}` });
  box.checked = row.ticked;
  const what = row.pinned ? 'Unpin the baseline' : 'Pin as baseline: kept on top, the others are compared with it';
  return make('td', { class: 'first' }, make('div', {}, make('label', { class: 'tick' }, box), swatch,
    make('a', { href: row.href, 'data-open': row.id, title: name }, name),
    ...(row.pinned ? [make('span', { class: 'baseline' }, 'baseline')] : []),
    pinOf(row, what)));
}

function pinOf(row, what) {
  const pin = make('button', { type: 'button', class: 'pin', 'data-pin': row.id, title: what, 'aria-label': what,
    'aria-pressed': String(row.pinned) });
  pin.innerHTML = PIN;
  return pin;
}

function rowOf(row, columns, isDark) {
  const line = make('tr', { class: `${row.ticked ? 'ticked' : ''}${row.pinned ? ' pinned' : ''}`, 'data-run': row.id },
    firstOf(row, isDark));
  row.cells.slice(1).forEach((text, at) => line.append(make('td', {
    class: columns[at + 1].number ? 'number' : null, 'data-status': columns[at + 1].name === 'status' ? row.status : null,
  }, text)));
  return line;
}

// Where the keyboard is, as something that finds it again among new elements.
function focused(root) {
  const at = root.activeElement;
  const kind = at && ['tick', 'open', 'pin', 'sort'].find((name) => name in at.dataset);
  return kind ? `[data-${kind}="${CSS.escape(at.dataset[kind])}"]` : null;
}

function draw(root, table, data) {
  const ticks = new Map(table.untold.map(([, id, isOn]) => [id, isOn]));
  const rows = data.rows.map((row) => ({ ...row, ticked: ticks.get(row.id) ?? row.ticked }));
  const ground = getComputedStyle(root.querySelector('.runs')).getPropertyValue('--st-background-color').trim();
  const isDark = /^#[0-3]/.test(ground);
  const drawn = JSON.stringify([data.columns, rows, isDark]);
  if (drawn === table.drawn) return;
  table.drawn = drawn;
  const place = focused(root);
  root.querySelector('table').setAttribute('aria-label', data.label);
  root.querySelector('thead').replaceChildren(make('tr', {}, ...data.columns.map(headOf)));
  root.querySelector('tbody').replaceChildren(...rows.map((row) => rowOf(row, data.columns, isDark)));
  if (place) root.querySelector(place)?.focus();
}

export default function ({ data, parentElement, setTriggerValue }) {
  const table = tableOf(parentElement);
  const taken = data.taken[table.name] || 0;
  table.untold = table.untold.filter(([number]) => number > taken);
  draw(parentElement, table, data);
  const runs = parentElement.querySelector('.runs');
  runs.onchange = ({ target }) => {
    if (!target.dataset.tick) return;
    table.untold.push([++table.number, target.dataset.tick, target.checked]);
    draw(parentElement, table, data);
    setTriggerValue('ticks', { table: table.name, changes: table.untold });
  };
  runs.onclick = (event) => {
    const link = event.target.closest('[data-open]');
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      setTriggerValue('open', link.dataset.open);
    }
    const button = event.target.closest('[data-sort], [data-pin]');
    if (button) setTriggerValue(...(button.dataset.sort ? ['sort', button.dataset.sort] : ['pin', button.dataset.pin]));
  };
}
