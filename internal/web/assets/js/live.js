const elsewhere = (address) => new URL(address, location.href).pathname !== location.pathname;

// leaving keeps htmx away from links and forms in a live part that lead to
// another page: only what changes this page's own list is fetched into it.
export function leaving() {
  document.addEventListener("click", (e) => {
    const link = e.target.closest("[hx-boost] a[href]");
    if (link && elsewhere(link.href)) e.stopPropagation();
  }, true);
  document.addEventListener("submit", (e) => {
    const form = e.target.closest("[hx-boost] form");
    if (form && elsewhere(e.submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? "")) e.stopPropagation();
  }, true);
}
