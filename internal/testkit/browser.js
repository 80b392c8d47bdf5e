// What a story asks of a page: where is the thing that a person would call by
// these words. One expression, evaluated for each question; nothing stays.
(() => {
  const tidy = (s) => (s ?? '').replace(/\s+/g, '');
  const shown = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length > 0;
  const dialog = () => document.querySelector('dialog[open]');
  const all = (selector) => [...(dialog() ?? document).querySelectorAll(selector)].filter(shown);

  // said is what a label says, without what is only noted beside it.
  const said = (label) => {
    const copy = label.cloneNode(true);
    copy.querySelectorAll('.optional, .sr, small, option, input, select, textarea').forEach((e) => e.remove());
    return tidy(copy.textContent);
  };
  const nameOf = (e) => tidy(e.innerText || e.value || e.getAttribute('aria-label'));

  // best takes the things that are called exactly so, else those whose name
  // begins so, else those that say the words somewhere; the page before its frame.
  const best = (things, words, name) => {
    words = tidy(words);
    for (const fits of [(n) => n === words, (n) => n.startsWith(words), (n) => n.includes(words)]) {
      const found = things.filter((e) => fits(name(e)));
      const inMain = found.filter((e) => e.closest('main'));
      if (inMain.length || found.length) return (inMain.length ? inMain : found)[0];
    }
    return null;
  };

  // labels are those of controls of a kind; label.control is the one it names.
  const labels = (kind) => all('label').filter((l) => l.control?.matches(kind));
  const typed = 'input:not([type=hidden],[type=radio],[type=checkbox]), select, textarea';
  const field = (words) => best(labels(typed), words, said)?.control
    ?? best(all('input[aria-label], textarea[aria-label], select[aria-label]'), words, (e) => tidy(e.ariaLabel));
  const ticks = 'input[type=radio], input[type=checkbox]';
  const choice = (words) => best(labels(ticks), words, said)
    ?? best(all(ticks).filter((e) => e.ariaLabel), words, (e) => tidy(e.ariaLabel));
  const pressable = 'a[href], button, summary, input[type=submit], [role=button]';
  const press = (words) => best(all(pressable), words, nameOf)
    ?? best(all(pressable), words, (e) => tidy(e.getAttribute('aria-label') ?? e.title));

  // beside is the thing to press nearest to the words: in the smallest part of
  // the page that holds both.
  const beside = (words, button) => {
    const parts = all('main *').filter((e) => tidy(e.innerText).includes(tidy(words)));
    for (const part of parts.reverse()) {
      const found = best([part, ...part.querySelectorAll('*')].filter((e) => e.matches(pressable) && shown(e)), button, nameOf);
      if (found) return found;
    }
    return null;
  };

  // spot is where to click; over names what would take the click instead.
  const spot = (e) => {
    if (!e) return { found: false };
    e.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' });
    const box = [...e.getClientRects()].find((r) => r.width > 0 && r.height > 0) ?? e.getBoundingClientRect();
    const x = box.x + box.width / 2, y = box.y + box.height / 2;
    const hit = document.elementFromPoint(x, y);
    const mine = hit && (e.contains(hit) || hit.contains(e) || hit.closest('label')?.control === e);
    return {
      found: true, x, y, tag: e.tagName.toLowerCase(), type: e.type ?? '', value: e.value ?? '',
      disabled: e.matches(':disabled'), checked: !!e.checked, href: e.href ?? '',
      over: mine ? '' : hit ? hit.outerHTML.slice(0, 120) : 'nothing: it lies outside the window',
    };
  };
  // ticked is the state of the control that a label belongs to.
  const ticked = (label) => ({ ...spot(label), checked: !!(label?.control ?? label)?.checked });
  const main = () => document.body?.innerText ?? '';

  return {
    field: (words) => spot(field(words)),
    choice: (words) => ticked(choice(words)),
    press: (words) => spot(press(words)),
    first: (selector) => spot(all(selector)[0]),
    beside: (words, button) => spot(beside(words, button)),
    select: (words, option) => {
      const e = field(words);
      const o = e && best([...e.options], option, (o) => tidy(o.textContent));
      if (!o) return { found: false };
      e.value = o.value;
      e.dispatchEvent(new Event('input', { bubbles: true }));
      e.dispatchEvent(new Event('change', { bubbles: true }));
      return { found: true };
    },
    empty: (words) => { const e = field(words); e.focus(); e.select?.(); return { found: true }; },
    value: (words) => { const e = field(words); return { found: !!e, value: e?.value ?? '' }; },
    says: (words) => tidy(main()).includes(tidy(words)),
    text: () => main(),
    read: (selector) => document.querySelector(selector)?.innerText.trim() ?? '',
    ready: () => document.readyState === 'complete' && !document.querySelector('.htmx-request'),
    wide: () => {
      const far = document.documentElement.clientWidth;
      if (document.scrollingElement.scrollWidth <= far) return '';
      const out = [...document.querySelectorAll('body *')].filter((e) => shown(e) && e.getBoundingClientRect().right > far + 1);
      return `${document.scrollingElement.scrollWidth} px in a window of ${far} px: `
        + out.filter((e) => !out.some((o) => o !== e && e.contains(o))).slice(0, 3).map((e) => e.outerHTML.slice(0, 100)).join(' | ');
    },
    high: () => document.scrollingElement.scrollHeight,
    focused: () => {
      const e = document.activeElement;
      if (!e || e === document.body) return { found: false };
      const style = getComputedStyle(e);
      const label = e.labels?.length ? said(e.labels[0]) : nameOf(e);
      return { found: true, tag: e.tagName.toLowerCase(), type: e.type ?? '', value: label, checked: !!e.checked,
        over: style.outlineStyle === 'none' && style.boxShadow === 'none' ? 'no ring' : '' };
    },
    links: () => [...document.querySelectorAll('a[href]')].filter((a) => a.origin === location.origin)
      .map((a) => a.pathname + a.search),
  };
})()
