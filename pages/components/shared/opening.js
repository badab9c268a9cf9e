// A press on a picture of the galleries around this says which. See opening.py.
export default function ({ data, setTriggerValue }) {
  const open = event => {
    const picture = event.target.closest?.(`.st-key-${data.place} [data-open]`);
    if (!picture || (event.type === 'keydown' && event.key !== 'Enter' && event.key !== ' ')) return;
    event.preventDefault();
    setTriggerValue('opened', Number(picture.dataset.open));
  };
  // On the whole page: when this runs, the container may not yet be on it.
  const kinds = ['click', 'keydown'];
  kinds.forEach(kind => document.addEventListener(kind, open));
  return () => kinds.forEach(kind => document.removeEventListener(kind, open));
}
