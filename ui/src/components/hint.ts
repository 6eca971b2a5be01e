// A few words beside what is pointed at or has the focus, in the top layer. They are for eyes: whoever listens must
// hear them from the element itself.

const EDGE = 8
const OVERLAP = 2

/** Attached to the words; their parent is what they are about. */
export function hint(words: HTMLElement): () => void {
  const about = words.parentElement
  if (!about) return () => {}
  words.popover = 'manual'

  const place = () => {
    const { left, top, bottom } = about.getBoundingClientRect()
    // Without a gap, so that the pointer can go onto the words.
    const under = bottom - OVERLAP
    const fits = under + words.offsetHeight + EDGE <= window.innerHeight
    words.style.top = `${fits ? under : Math.max(EDGE, top + OVERLAP - words.offsetHeight)}px`
    words.style.left = `${Math.max(EDGE, Math.min(left, window.innerWidth - words.offsetWidth - EDGE))}px`
  }
  const show = () => {
    words.showPopover()
    place()
  }
  const hide = () => words.hidePopover()
  const pressed = (event: KeyboardEvent) => event.key === 'Escape' && hide()
  const focused = () => about.matches(':focus-visible') && show()

  const heard = {
    pointerenter: show,
    pointerleave: hide,
    pointerdown: hide,
    focus: focused,
    blur: hide,
  } as const
  for (const [name, listener] of Object.entries(heard)) about.addEventListener(name, listener)
  window.addEventListener('keydown', pressed)
  return () => {
    for (const [name, listener] of Object.entries(heard)) about.removeEventListener(name, listener)
    window.removeEventListener('keydown', pressed)
  }
}
