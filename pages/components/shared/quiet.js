// When somebody last did something. What they change is sent a moment later, and if a fragment's own request falls into
// the same message, Streamlit runs the fragment alone and the page does not hear of the change: such requests wait.
const QUIET = 600; // milliseconds, longer than any of Streamlit's inputs waits before it sends
let touched = -Infinity;
for (const kind of ['pointerdown', 'pointerup', 'keydown', 'input']) {
  document.addEventListener(kind, () => { touched = performance.now(); }, { capture: true, passive: true });
}

// Milliseconds until nobody has done anything for long enough; 0 if that is now.
const untilQuiet = () => Math.max(0, touched + QUIET - performance.now());
