// Shows times in the visitor's own zone when the address names none. The page works without it.
(() => {
  const shown = document.documentElement.dataset.zone;
  const here = new URL(location.href);
  if (!shown || here.searchParams.has("tz")) return;
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!own || own === shown) return;
  here.searchParams.set("tz", own);
  location.replace(here);
})();
