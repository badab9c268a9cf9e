// Asks for the next run of the script a moment after this one has arrived. See ticker.py.
const timers = new WeakMap(); // by the element they are for

export default function ({ data, parentElement, setTriggerValue }) {
  clearTimeout(timers.get(parentElement));
  if (data.seconds === null) return;
  timers.set(parentElement, setTimeout(() => parentElement.isConnected && setTriggerValue('ticked', Date.now()), 1000 * data.seconds));
}
