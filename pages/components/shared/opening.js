// A press on a picture of the galleries around this says which. See opening.py.
export default function ({ data, parentElement, setTriggerValue }) {
  const place = parentElement.closest(`.st-key-${data.place}`);
  const open = event => {
    const picture = event.target.closest('[data-open]');
    if (!picture || (event.type === 'keydown' && event.key !== 'Enter' && event.key !== ' ')) return;
    event.preventDefault();
    setTriggerValue('opened', Number(picture.dataset.open));
  };
  if (!place) return undefined; // taken off the page before it ran
  place.addEventListener('click', open);
  place.addEventListener('keydown', open);
  return () => {
    place.removeEventListener('click', open);
    place.removeEventListener('keydown', open);
  };
}
