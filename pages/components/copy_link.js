// Copies an address of this page. See copy_link.py.
const SAID_FOR = 2000; // milliseconds

export default function ({ data, parentElement }) {
  const button = parentElement.querySelector('.copy'), field = parentElement.querySelector('.address');
  const address = new URL(`?${data.query}`, window.location.href);
  address.hash = '';
  button.textContent = data.label;
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(address.href);
      button.textContent = 'Copied';
      setTimeout(() => { button.textContent = data.label; }, SAID_FOR);
    } catch { // not allowed, or not a secure connection
      Object.assign(field, { hidden: false, value: address.href });
      field.select();
    }
  };
}
