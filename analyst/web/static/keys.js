// Keyboard shortcuts, which can be switched off, and the caret at the character of an error.

const STORED = 'shortcuts';
const HELP = [
  ['/', 'Go to the query, or to the search'], ['j', 'Next article of a list'], ['k', 'Previous article of a list'],
  ['o', 'Open the article'], ['x', 'Show its copies'], ['t', 'Go to the timeline'], ['s', 'Save this search'],
  ['e', 'Go to the exports'],
  ['?', 'This help'],
];
const QUERY = 'input[name=q], main input[name=url], main input[type=search]';
const on = () => localStorage.getItem(STORED) !== 'off';
const results = () => [...document.querySelectorAll('.stories > li')];
let current = -1;

function move(step) {
  const all = results();
  if (!all.length) return;
  all[current]?.removeAttribute('data-current');
  current = Math.max(0, Math.min(all.length - 1, current + step));
  const chosen = all[current];
  chosen.setAttribute('data-current', '');
  const target = chosen.querySelector('h2 a, a') ?? chosen;
  target.focus({ preventScroll: true });
  chosen.scrollIntoView({ block: 'nearest' });
}

function go(selector) {
  const found = document.querySelector(selector);
  if (!found) return false;
  found.scrollIntoView({ block: 'nearest' });
  const first = found.matches('input, a, button, summary') ? found : found.querySelector('a, input, summary');
  (first ?? found).focus();
  return true;
}

function help() {
  const open = document.querySelector('dialog.keys');
  if (open) return open.close();
  const dialog = document.createElement('dialog');
  dialog.className = 'keys';
  dialog.setAttribute('aria-labelledby', 'keys-title');
  const card = document.createElement('article');
  const title = document.createElement('h2');
  title.id = 'keys-title';
  title.textContent = 'Keyboard';
  const list = document.createElement('dl');
  for (const [key, what] of HELP) {
    const term = document.createElement('dt');
    const kbd = document.createElement('kbd');
    kbd.textContent = key;
    term.append(kbd);
    const says = document.createElement('dd');
    says.textContent = what;
    list.append(term, says);
  }
  const label = document.createElement('label');
  const box = document.createElement('input');
  box.type = 'checkbox';
  box.checked = on();
  box.addEventListener('change', () => localStorage.setItem(STORED, box.checked ? 'on' : 'off'));
  label.append(box, ' Shortcuts of a single key');
  const close = document.createElement('button');
  close.type = 'button';
  close.textContent = 'Close';
  close.addEventListener('click', () => dialog.close());
  card.append(title, list, label, close);
  dialog.append(card);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

const ACTIONS = {
  '/': () => go(QUERY) || location.assign('/'),
  j: () => move(1),
  k: () => move(-1),
  o: () => results()[current]?.querySelector('h2 a, a')?.click(),
  x: () => results()[current]?.querySelector('details > summary')?.click(),
  t: () => go('#timeline'),
  s: () => go('.keep input[name=name]'),
  e: () => go('#keep + p'),
  '?': help,
};

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest?.('input:not([type=checkbox]), select, textarea, dialog, [contenteditable]')) return;
  if (!on() || !Object.hasOwn(ACTIONS, event.key)) return;
  event.preventDefault();
  ACTIONS[event.key]();
});

const button = document.createElement('button');
button.type = 'button';
button.className = 'plain';
button.textContent = 'Keyboard shortcuts';
button.addEventListener('click', help);
document.querySelector('body > footer')?.append(button);

const wrong = document.querySelector('input[data-at]');
if (wrong) {
  wrong.focus({ preventScroll: true });
  // The server counts characters, a field counts UTF-16 units: an emoji is one of the former and two of the latter.
  const characters = [...wrong.value];
  const at = Number(wrong.dataset.at);
  const start = characters.slice(0, at).join('').length;
  wrong.setSelectionRange(start, start + (characters[at]?.length ?? 0));
}
