// Asks for the next run of the script a moment after this one has arrived and been painted; behind other tabs, where
// nothing is painted, not at all. See ticker.py.
const timers = new WeakMap(); // by the element they are for

function fireWhenQuiet(element, send, milliseconds) {
  timers.set(element, setTimeout(() => {
    if (!element.isConnected) return;
    if (untilQuiet()) fireWhenQuiet(element, send, untilQuiet());
    else requestAnimationFrame(() => requestAnimationFrame(() => send('ticked', Date.now()))); // what there is, is painted
  }, milliseconds));
}

export default function ({ data, parentElement, setTriggerValue }) {
  clearTimeout(timers.get(parentElement));
  if (data.seconds !== null) fireWhenQuiet(parentElement, setTriggerValue, 1000 * data.seconds);
}
