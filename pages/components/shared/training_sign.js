// What is being trained, on every page: asked of the server, so that no page's script runs for it. See training_sign.py.
const PAUSE = 2000; // milliseconds between two looks
let followed = null; // the run told of last

async function look(view) {
  if (!view.root.isConnected) { clearInterval(view.timer); return; }
  if (document.hidden) return;
  try {
    const address = new URL('api/at-work', document.baseURI);
    if (followed) address.searchParams.set('last', followed);
    const answer = await fetch(address);
    if (answer.ok) tell(view, await answer.json());
  } catch { /* the server is away; Streamlit says so */ }
}

function tell({ sign, isWide }, { title, said, more, run_id: id, state, share }) {
  followed = id ?? null;
  sign.hidden = !id;
  if (!id) return;
  Object.assign(sign.dataset, { state });
  sign.querySelector('.what').textContent = title;
  sign.querySelector('.how').textContent = isWide ? more : said;
  sign.style.setProperty('--share', `${100 * share}%`);
  sign.setAttribute('aria-label', `${title}: ${isWide ? more : said}. Show this run.`);
}

const views = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector('.sign-place');
  if (views.has(root)) { views.get(root).press = () => setTriggerValue('pressed', followed); return; }
  root.classList.toggle('wide', data.wide);
  const view = { root, isWide: data.wide, sign: root.querySelector('.sign'), press: () => setTriggerValue('pressed', followed) };
  views.set(root, view);
  view.sign.addEventListener('click', () => view.press());
  view.timer = setInterval(() => look(view), PAUSE);
  look(view);
}
