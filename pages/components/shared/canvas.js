// The canvas brings a toolbar of its own. By mouse it covers what lies above the canvas, and its pencil is a mode in which
// strokes do not draw; by touch it is invisible and lies over the upper right corner, where it swallows strokes. Undo and
// Clear of ours take its place. It lives in a shadow tree, which a style of the page does not reach.
const WAIT = 10_000; // milliseconds for the canvas to come, on a slow line
const sheet = new CSSStyleSheet();
sheet.replaceSync('.dc-toolbar { display: none !important; }');

function quiet(root, label) {
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  const canvas = root.querySelector('canvas.upper-canvas');
  canvas?.setAttribute('role', 'img');
  canvas?.setAttribute('aria-label', label);
}

export default function ({ data, parentElement }) {
  const pad = parentElement.closest('.st-key-pad');
  const end = performance.now() + WAIT;
  let waiting = 0;
  (function look() {
    const roots = [...pad.querySelectorAll('*')].map(element => element.shadowRoot).filter(root => root?.querySelector('.dc-toolbar'));
    roots.forEach(root => quiet(root, data.label));
    if (!roots.length && performance.now() < end) waiting = requestAnimationFrame(look);
  })();
  return () => cancelAnimationFrame(waiting);
}
