// A run's figures in words are put into Streamlit's own elements, each in the container of that key: to run the page's
// script for them costs a browser seventy milliseconds each time, which the training beside it lacks.
function tell({ run_fraction: share, ...texts }) {
  for (const [key, text] of Object.entries(texts)) {
    const place = document.querySelector(`.st-key-${key} :is([data-testid=stMetricValue], .stProgress) p`);
    const words = place?.firstChild; // the node itself is React's and stays
    if (words && words.nodeValue !== text) words.nodeValue = text;
  }
  const bar = document.querySelector('.st-key-run_progress [role=progressbar]');
  const filled = bar?.querySelector('[data-testid=stProgressBarTrack] > *');
  if (!filled) return;
  const percent = 100 * share;
  filled.style.transform = `translateX(${percent - 100}%)`;
  bar.setAttribute('aria-valuenow', percent);
  bar.setAttribute('aria-valuetext', `${Math.round(percent)}%`);
}
