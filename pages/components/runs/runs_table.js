// The table of runs. What is ticked here is told with a number that counts up, and told again until the server says that
// it has taken it in (`data.taken`): so what is shown is always what the server acts on, with what it has yet to hear of.
const tables = new WeakMap(); // by the element they are in
const PIN = '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M5.5 1.5h5l-.8 5 2.3 2.5H4l2.3-2.5zM8 9v5.5"/></svg>';

function tableOf(element) {
  if (!tables.has(element)) {
    tables.set(element, { name: crypto.getRandomValues(new Uint32Array(2)).join('-'), number: 0, untold: [] });
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

function headOf(column, at, ticked) {
  const cell = make('th', { scope: 'col', class: `${at ? '' : 'first'}${column.number ? ' number' : ''}`,
    title: column.help || null, 'aria-sort': { up: 'ascending', down: 'descending' }[column.order] || null });
  const arrow = make('span', { class: 'arrow', 'aria-hidden': 'true' }, { up: '↑', down: '↓' }[column.order] || '');
  const name = make('button', { type: 'button', 'data-sort': column.name }, column.name, arrow);
  const untick = make('button', { type: 'button', class: 'untick', 'data-untick': true, hidden: ticked.length < 2 }, 'Untick all');
  cell.append(at ? name : make('div', {}, make('span', { class: 'tick', 'aria-hidden': 'true' }), name, untick));
  return cell;
}

function firstOf(row) {
  const swatch = make('span', { class: 'swatch', 'aria-hidden': 'true' });
  if (row.look) swatch.style.borderTop = `3px ${{ solid: 'solid', dash: 'dashed', dot: 'dotted' }[row.look.dash]} light-dark(${row.look.colour}, ${row.look.dark})`;
  const [name] = row.cells;
  const box = make('input', { type: 'checkbox', 'data-tick': row.id, 'aria-label': `Tick ${name}` });
  box.checked = row.ticked;
  const what = row.pinned ? 'Unpin the baseline' : 'Pin as baseline: kept on top, the others are compared with it';
  return make('td', { class: 'first' }, make('div', {}, make('label', { class: 'tick' }, box), swatch,
    make('a', { href: row.href, 'data-open': row.id, title: name }, name),
    make('span', { class: 'baseline' }, row.pinned ? 'baseline' : ''),
    pinOf(row, what)));
}

function pinOf(row, what) {
  const pin = make('button', { type: 'button', class: 'pin', 'data-pin': row.id, title: what, 'aria-label': what,
    'aria-pressed': String(row.pinned) });
  pin.innerHTML = PIN;
  return pin;
}

function rowOf(row, columns) {
  const line = make('tr', { class: `${row.ticked ? 'ticked' : ''}${row.pinned ? ' pinned' : ''}`, 'data-run': row.id },
    firstOf(row));
  row.cells.slice(1).forEach((text, at) => line.append(make('td', {
    class: columns[at + 1].number ? 'number' : null, 'data-status': columns[at + 1].name === 'status' ? row.status : null,
  }, text)));
  return line;
}

// Rows that stay are changed in place: an element that is replaced between press and release loses the click, and the
// keyboard its place.
function become(old, fresh) {
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  if (old instanceof HTMLInputElement) old.checked = fresh.checked;
  const [before, after] = [[...old.childNodes], [...fresh.childNodes]];
  if (before.length !== after.length || before.some((node, at) => node.nodeName !== after[at].nodeName)) {
    old.replaceChildren(...after);
    return;
  }
  before.forEach((node, at) => {
    if (node.nodeType === Node.ELEMENT_NODE) become(node, after[at]);
    else if (node.data !== after[at].data) node.data = after[at].data;
  });
}

// The rows in their order, each run with the element that it had.
function place(body, fresh) {
  const there = new Map([...body.children].map((row) => [row.dataset.run, row]));
  fresh.forEach((row, at) => {
    const old = there.get(row.dataset.run);
    if (old) become(old, row);
    there.delete(row.dataset.run);
    const wanted = old || row;
    if (body.children[at] !== wanted) body.insertBefore(wanted, body.children[at] || null);
  });
  there.forEach((row) => row.remove());
}

// What is ticked: what the server knows, and what it has yet to hear of.
function tickedIn(table, data) {
  const ticked = new Set(data.ticked);
  for (const [, id, isOn] of table.untold) ticked[isOn ? 'add' : 'delete'](id);
  return [...ticked];
}

function draw(root, table, data) {
  const ticked = tickedIn(table, data);
  const rows = data.rows.map((row) => ({ ...row, ticked: ticked.includes(row.id) }));
  root.querySelector('table').setAttribute('aria-label', data.label);
  become(root.querySelector('thead'), make('thead', {}, make('tr', {}, ...data.columns.map((column, at) => headOf(column, at, ticked)))));
  place(root.querySelector('tbody'), rows.map((row) => rowOf(row, data.columns)));
}

export default function ({ data, parentElement, setTriggerValue }) {
  const table = tableOf(parentElement);
  const taken = data.taken[table.name] || 0;
  table.untold = table.untold.filter(([number]) => number > taken);
  draw(parentElement, table, data);
  const runs = parentElement.querySelector('.runs');
  const tell = (ids, isOn) => {
    table.untold.push(...ids.map((id) => [++table.number, id, isOn]));
    draw(parentElement, table, data);
    setTriggerValue('ticks', { table: table.name, changes: table.untold });
  };
  runs.onchange = ({ target }) => {
    if (target.dataset.tick) tell([target.dataset.tick], target.checked);
  };
  runs.onclick = (event) => {
    const link = event.target.closest('[data-open]');
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      setTriggerValue('open', link.dataset.open);
    }
    // Here and not by the server: a box that is pressed next must already stand as this press leaves it.
    if (event.target.closest('[data-untick]')) tell(tickedIn(table, data), false);
    const button = event.target.closest('[data-sort], [data-pin]');
    if (button) setTriggerValue(...(button.dataset.sort ? ['sort', button.dataset.sort] : ['pin', button.dataset.pin]));
  };
}
