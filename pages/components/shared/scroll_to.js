// Brings a part of the page into view, once a turn. See scroll_to.py.
let last = null;

export default function ({ data }) {
  if (data.turn === last) return;
  last = data.turn;
  const target = document.querySelector(`.st-key-${data.key}`);
  if (data.turn && target && target.getBoundingClientRect().top > innerHeight / 2) target.scrollIntoView({ block: 'start' });
}
