// Makes a page follow what changes. Every page is whole without it: nothing is shown, sent or decided here.

const main = /** @type {HTMLElement | null} */ (document.querySelector('main'));
const state = document.getElementById('live-state');
const topics = main?.dataset.live;
/** Parts as the server last sent them, by id: what was opened or typed here since is no change. @type {Map<string, string>} */
const sent = new Map();
for (const part of partsOf(document)) sent.set(part.id, markup(part));

let refreshedAt = Date.now();
let isPlanned = false;
let isSkipped = false;
let isOver = false;
/** @type {EventSource | undefined} */
let source;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let losing;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let silence;
let isLost = false;

const hasNewZone = tellZone();
if (hasNewZone && sent.size > 0) refresh(!main?.querySelector('form[method="post"]'));
if (topics && sent.size > 0) {
  follow();
  document.addEventListener('visibilitychange', follow);
  // What could not be replaced while somebody was busy there.
  document.addEventListener('focusout', () => isSkipped && plan());
}

/** Tells the server the browser's zone, unless one was chosen by hand. @returns {boolean} whether it is news */
function tellZone() {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const told = () => /(?:^|; )kickoff_zone=([^;]*)/.exec(document.cookie)?.[1]?.replaceAll('%2F', '/') ?? '';
  if (!timeZone || told() === timeZone || /^(=|%3D)/.test(told())) return false;
  const secure = location.protocol === 'https:' ? '; secure' : '';
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store is there over TLS only
  document.cookie = `kickoff_zone=${timeZone}; path=/; max-age=31536000; samesite=lax${secure}`;
  return told() === timeZone;
}

/** Listens while the page is looked at: a browser has few connections for all its tabs. */
function follow() {
  if (document.hidden || isOver) {
    source?.close();
    source = undefined;
    clearTimeout(losing);
    losing = undefined;
  } else if (!source) {
    source = new EventSource(`/live?topics=${encodeURIComponent(topics ?? '')}`);
    source.addEventListener('ready', () => {
      clearTimeout(losing);
      losing = undefined;
      if (isLost) say('Connected again.');
      isLost = false;
      plan();
    });
    source.addEventListener('changed', plan);
    source.addEventListener('ended', signedOut);
    source.addEventListener('error', () => {
      losing ??= setTimeout(() => {
        isLost = true;
        say('The connection is lost: what is shown may be old.', true);
      }, 2000);
      if (source?.readyState !== EventSource.CLOSED) return;
      // The server would not have it; asking for the page tells why.
      source = undefined;
      plan();
      setTimeout(follow, 15_000);
    });
  }
}

/** Asks for the page again: soon, at most once a second. */
function plan() {
  if (isPlanned || isOver) return;
  isPlanned = true;
  setTimeout(
    async () => {
      await refresh(false);
      isPlanned = false;
    },
    Math.max(50, refreshedAt + 1000 - Date.now()),
  );
}

/** @param {boolean} isWhole the times of the whole page are to be others */
async function refresh(isWhole) {
  if (document.hidden) return;
  refreshedAt = Date.now();
  try {
    const answer = await fetch(location.href, { headers: { 'x-kickoff-refresh': '1', accept: 'text/html' } });
    if (answer.status === 401 || answer.redirected) signedOut();
    else if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), 'text/html'), isWhole);
  } catch {
    // It is asked for again when the connection is back.
  }
  refreshedAt = Date.now();
}

/** @param {Document} next @param {boolean} isWhole */
function show(next, isWhole) {
  // What is taken over from there is not there any more.
  const known = new Set(partsOf(next).map(({ id }) => id));
  const whole = next.querySelector('main');
  let count = 0;
  isSkipped = false;
  if (isWhole && main && whole && !isBusy(main)) {
    main.replaceChildren(...whole.childNodes);
    for (const part of partsOf(main)) sent.set(part.id, markup(part));
  }
  for (const fresh of partsOf(next)) {
    const part = document.getElementById(fresh.id);
    const text = markup(fresh);
    if (part && text === sent.get(fresh.id)) continue;
    if (part && isBusy(part)) {
      isSkipped = true;
      continue;
    }
    if (part) replace(part, fresh);
    else placeBefore(fresh)?.after(fresh);
    sent.set(fresh.id, text);
    count++;
  }
  for (const part of partsOf(document)) {
    if (known.has(part.id) || isBusy(part)) continue;
    part.remove();
    sent.delete(part.id);
    count++;
  }
  document.title = next.title || document.title;
  if (count > 0) say('Updated.');
}

/** @param {HTMLElement} part @param {HTMLElement} fresh */
function replace(part, fresh) {
  const open = new Set([...part.querySelectorAll('details')].filter((each) => each.open).map(nameOf));
  const scrolled = [...part.querySelectorAll('.scroll')].map((each) => each.scrollLeft);
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  const same =
    focused && [...part.querySelectorAll(focused.localName)].filter((each) => nameOf(each) === nameOf(focused));
  part.replaceWith(fresh);
  for (const each of fresh.querySelectorAll('details')) if (open.has(nameOf(each))) each.open = true;
  for (const [index, each] of fresh.querySelectorAll('.scroll').entries()) each.scrollLeft = scrolled[index] ?? 0;
  if (!focused || !same) return;
  const alike = [...fresh.querySelectorAll(focused.localName)].filter((each) => nameOf(each) === nameOf(focused));
  const target = /** @type {HTMLElement} */ (alike[same.indexOf(focused)] ?? alike[0] ?? fresh);
  // What had the focus is gone: whoever goes on by keyboard does so from here.
  if (target === fresh) fresh.tabIndex = -1;
  target.focus({ preventScroll: true });
}

/** Whether somebody is filling something in there, or has selected text. @param {HTMLElement} part */
function isBusy(part) {
  const selection = getSelection();
  if (selection && !selection.isCollapsed && part.contains(selection.anchorNode)) return true;
  if (part.contains(document.activeElement) && document.activeElement?.matches('input, textarea, select')) return true;
  for (const field of part.querySelectorAll('input, textarea')) {
    const input = /** @type {HTMLInputElement} */ (field);
    if (input.type !== 'hidden' && (input.value !== input.defaultValue || input.checked !== input.defaultChecked))
      return true;
  }
  for (const select of part.querySelectorAll('select')) {
    const first = Math.max(
      0,
      [...select.options].findIndex((option) => option.defaultSelected),
    );
    if (select.selectedIndex !== first) return true;
  }
  return false;
}

/** The parts that are not within others. @param {ParentNode} root @returns {HTMLElement[]} */
function partsOf(root) {
  const parts = /** @type {HTMLElement[]} */ ([...root.querySelectorAll('[data-part][id]')]);
  return parts.filter((part) => !part.parentElement?.closest('[data-part]'));
}

/** Without what is another in each form that is sent. @param {HTMLElement} part */
function markup(part) {
  return part.outerHTML.replace(/name="attempt" value="[^"]*"/g, '');
}

/** By what it is found again. @param {Element} element */
function nameOf(element) {
  const { id, localName } = element;
  const words = (element.querySelector('summary') ?? element).textContent;
  return id || [localName, element.getAttribute('href') ?? element.getAttribute('name'), words].join(' ');
}

/** What stands before a part that is new. @param {Element} fresh */
function placeBefore(fresh) {
  for (let each = fresh.previousElementSibling; each; each = each.previousElementSibling) {
    const known = each.id && document.getElementById(each.id);
    if (known) return known;
  }
  return main?.querySelector('h1');
}

function signedOut() {
  isOver = true;
  follow();
  const link = document.createElement('a');
  link.href = location.href;
  link.textContent = 'Sign in again';
  state?.replaceChildren('You are signed out. ', link);
}

/** @param {string} text @param {boolean} [isLasting] */
function say(text, isLasting) {
  if (!state || isOver) return;
  clearTimeout(silence);
  state.textContent = text;
  if (!isLasting) silence = setTimeout(() => state.replaceChildren(), 4000);
}
