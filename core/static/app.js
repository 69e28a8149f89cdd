// What a page does beyond plain HTML. Every function here may be missing: forms and links work without.
// No personal data is kept: what is remembered while the language changes lives in memory only.

const root = document.documentElement;
const editable = 'input, textarea, select, [contenteditable]';

// ── Live search that knows input methods: htmx listens to `search:go` (hx-trigger="search:go").
const timers = new WeakMap();

function search(input) {
  clearTimeout(timers.get(input));
  const least = Number(input.dataset.least ?? 1);
  if (input.value.trim().length < least) {
    input.closest('.find')?.querySelector('.find-hits')?.replaceChildren();
    return;
  }
  timers.set(input, setTimeout(() => input.dispatchEvent(new CustomEvent('search:go', { bubbles: true })), 300));
}

document.addEventListener('input', (event) => {
  if (event.target.matches('[data-search]') && !event.isComposing) search(event.target);
  if (event.target.matches('input[type=date]')) sayWeekday(event.target);
});
document.addEventListener('compositionend', (event) => {
  if (event.target.matches?.('[data-search]')) search(event.target);
});

// ── A date says its weekday.
function sayWeekday(input) {
  const output = document.getElementById(`${input.id}-weekday`);
  if (!output) return;
  const day = input.valueAsDate;
  output.textContent = day ? new Intl.DateTimeFormat(root.lang, { weekday: 'short', timeZone: 'UTC' }).format(day) : '';
}

// ── One tap, one record: buttons rest while the form travels; its operation id stays the same.
function rest(form) {
  for (const button of form.querySelectorAll('button:not([type=button]), input[type=submit]')) {
    if (button.disabled) continue;
    button.disabled = true;
    button.dataset.resting = '';
    button.setAttribute('aria-busy', 'true');
  }
}

function wake(scope) {
  for (const button of scope.querySelectorAll('[data-resting]')) {
    button.disabled = false;
    delete button.dataset.resting;
    button.removeAttribute('aria-busy');
  }
}

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.method !== 'post' || form.matches('[role=search]')) return;
  const byHtmx = event.defaultPrevented || form.hasAttribute('hx-post');
  setTimeout(() => rest(form)); // after the browser has read which button was pressed
  // A file that is downloaded leaves the page where it is; so may a network that hangs.
  setTimeout(() => wake(form), byHtmx ? 25000 : form.hasAttribute('data-download') ? 3000 : 30000);
}, true);
document.addEventListener('htmx:finally:request', () => setTimeout(() => wake(document)));

// ── The display menu: type, colours, language change, and nothing that was typed is lost.
let kept = null;

function controls() {
  const seen = new Map();
  return [...document.querySelectorAll('input[name], textarea[name], select[name]')]
    .filter((control) => control.type !== 'hidden' && !control.closest('[data-display]'))
    .map((control) => {
      const choice = ['checkbox', 'radio'].includes(control.type) ? control.value : '';
      const name = [control.form?.getAttribute('action') ?? '', control.name, choice].join('\n');
      seen.set(name, (seen.get(name) ?? 0) + 1);
      return [`${name}\n${seen.get(name)}`, control];
    });
}

function remember() {
  const values = new Map();
  for (const [key, control] of controls()) {
    if (control.type === 'file') values.set(key, { files: control.files });
    else if (['checkbox', 'radio'].includes(control.type)) values.set(key, { checked: control.checked });
    else if (control.multiple) values.set(key, { chosen: [...control.selectedOptions].map((option) => option.value) });
    else values.set(key, { value: control.value });
  }
  const open = [...document.querySelectorAll('main details')].map((details) => details.open);
  return { values, open, left: scrollX, top: scrollY };
}

function restore({ values, open, left, top }) {
  for (const [key, control] of controls()) {
    const was = values.get(key);
    if (!was) continue;
    if (was.files) { if (was.files.length) control.files = was.files; }
    else if ('checked' in was) control.checked = was.checked;
    else if (was.chosen) for (const option of control.options) option.selected = was.chosen.includes(option.value);
    else if (control.tagName !== 'SELECT' || [...control.options].some((option) => option.value === was.value)) control.value = was.value;
  }
  document.querySelectorAll('main details').forEach((details, place) => { if (place in open) details.open = open[place]; });
  scrollTo(left, top);
  document.getElementById('display')?.focus({ preventScroll: true });
}

document.addEventListener('htmx:before:request', (event) => {
  if (event.target.closest?.('[data-display]')) kept = remember();
});
document.addEventListener('htmx:after:swap', () => {
  // What was asked for stands there now: its question folds away.
  for (const asked of document.querySelectorAll('details.reveal[open]')) {
    if (asked.previousElementSibling?.querySelector('[data-hide-after]')) asked.open = false;
  }
  if (kept && document.body.dataset.lang) {
    root.lang = document.body.dataset.lang;
    for (const name of ['theme', 'type', 'contrast']) root.dataset[name] = document.body.dataset[name];
    restore(kept);
    kept = null;
    begin(true);
  } else begin();
});

// ── Menus close when one looks elsewhere.
function closeMenus(except) {
  for (const menu of document.querySelectorAll('details.menu[open]')) if (menu !== except) menu.open = false;
}
document.addEventListener('click', (event) => {
  closeMenus(event.target.closest('details.menu'));
  if (!event.target.closest('.find')) document.querySelector('.find-hits')?.replaceChildren();
  event.target.closest('[data-close]')?.closest('.toast')?.remove();
  if (event.target.closest('[data-print]')) print();
});

// ── Keys: / finds, j and k walk through rows, Esc closes. Single letters are off while one types.
function walk(step) {
  const rows = [...document.querySelectorAll('main .table tbody tr, main .queue > li')]
    .map((row) => row.querySelector('th a[href], .what a[href]')).filter((link) => link?.checkVisibility?.() ?? link);
  const at = rows.findIndex((link) => link.closest('tr, li').contains(document.activeElement));
  rows[Math.min(Math.max(at + step, 0), rows.length - 1)]?.focus();
}

document.addEventListener('keydown', (event) => {
  if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === 'Escape') {
    const menu = event.target.closest?.('details.menu[open]');
    menu?.querySelector('summary').focus();
    closeMenus();
    document.querySelector('.find-hits')?.replaceChildren();
  }
  if (event.target.matches?.(editable)) return;
  if (event.key === '/') {
    const input = document.querySelector('main [data-search]') ?? document.querySelector('[data-search]');
    if (input?.checkVisibility?.() ?? input) { event.preventDefault(); input.focus(); input.select(); }
  } else if (event.key === 'j') walk(1);
  else if (event.key === 'k') walk(-1);
});

// ── What was uncovered is covered again: <span data-hide-after="60" data-masked="3608…">…</span>
function cover(element) {
  element.textContent = element.dataset.masked ?? '';
  element.removeAttribute('data-hide-after');
}

function begin(quiet = false) {
  for (const element of document.querySelectorAll('[data-hide-after]:not([data-counting])')) {
    element.dataset.counting = '';
    setTimeout(() => cover(element), Number(element.dataset.hideAfter) * 1000);
  }
  for (const toast of document.querySelectorAll('.toast:not([data-counting])')) {
    toast.dataset.counting = '';
    toast.querySelector('[data-close]')?.removeAttribute('hidden');
    if (toast.dataset.tone !== 'danger') fade(toast);
  }
  for (const input of document.querySelectorAll('input[type=date]')) sayWeekday(input);
  const summary = document.querySelector('.error-summary:not([data-counting])');
  if (summary) {
    summary.dataset.counting = '';
    if (!quiet) summary.focus();
  }
}

function fade(toast) {
  const later = () => setTimeout(() => (toast.matches(':hover, :focus-within') ? later() : toast.remove()), 10000);
  later();
}

addEventListener('pageshow', (event) => {
  wake(document);
  if (event.persisted) document.querySelectorAll('[data-hide-after]').forEach(cover);
});
begin();
