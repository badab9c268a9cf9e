// Copies the address of this page. See copy_link.py.
const SAID_FOR = 2000; // milliseconds

export default function ({ data, parentElement }) {
  const button = parentElement.querySelector('.copy'), field = parentElement.querySelector('.address');
  button.textContent = data.label;
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(window.location.href);
      button.textContent = 'Copied';
      setTimeout(() => { button.textContent = data.label; }, SAID_FOR);
    } catch { // not allowed, or not a secure connection
      Object.assign(field, { hidden: false, value: window.location.href });
      field.select();
    }
  };
}
