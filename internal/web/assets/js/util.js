// each runs fn once for every element under root that matches.
export function each(root, selector, fn) {
  const found = [...root.querySelectorAll(selector)];
  if (root.matches?.(selector)) found.unshift(root);
  for (const el of found) {
    const done = (el.qibanDone ??= new Set());
    if (done.has(fn)) continue;
    done.add(fn);
    fn(el);
  }
}

// typing says whether single keys belong to what the person writes.
export function typing(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && !/^(checkbox|radio|button|submit)$/.test(target.type);
}
