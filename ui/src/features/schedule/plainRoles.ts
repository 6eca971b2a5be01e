// The calendar component calls itself a table without being one: its events lie beside the rows, not in cells. A screen
// reader is told less and truer: days are headed by their dates, events are buttons, and the hours can be scrolled.

const CLAIMED = ['table', 'rowgroup', 'row', 'cell', 'columnheader'].map((role) => `[role=${role}]`).join()

export function plainRoles(element: HTMLElement): () => void {
  const mend = () => {
    for (const claimed of element.querySelectorAll(CLAIMED)) {
      claimed.removeAttribute('role')
      claimed.removeAttribute('aria-colindex')
    }
    for (const scrolled of element.querySelectorAll<HTMLElement>('.ec-main:not([tabindex])'))
      scrolled.tabIndex = 0
  }
  mend()
  const observer = new MutationObserver(mend)
  observer.observe(element, { childList: true, subtree: true })
  return () => observer.disconnect()
}
