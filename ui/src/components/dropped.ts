// A list that drops from its field, in the top layer: no dialog and no scrolled page can clip it.

const GAP = 4
const EDGE = 8

/** Attached to the list; its parent is the field it drops from. */
export function dropped(list: HTMLElement): () => void {
  const field = list.parentElement
  list.popover = 'manual'
  list.showPopover()

  const place = () => {
    if (!field) return
    const { left, top, bottom, width } = field.getBoundingClientRect()
    list.style.minWidth = `${width}px`
    const under = bottom + GAP
    const fits = under + list.offsetHeight + EDGE <= window.innerHeight
    list.style.top = `${fits ? under : Math.max(EDGE, top - GAP - list.offsetHeight)}px`
    list.style.left = `${Math.max(EDGE, Math.min(left, window.innerWidth - list.offsetWidth - EDGE))}px`
  }

  place()
  // What scrolls may be any ancestor; scrolling inside the list changes nothing.
  window.addEventListener('scroll', place, true)
  window.addEventListener('resize', place)
  return () => {
    window.removeEventListener('scroll', place, true)
    window.removeEventListener('resize', place)
  }
}
