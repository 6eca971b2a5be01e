// Finds the place for a popover: to the right of its anchor, else to the left, else under or over it, always inside.

interface Box {
  left: number
  right: number
  top: number
  bottom: number
}

const GAP = 8
const EDGE = 12

const clamp = (value: number, low: number, high: number) => Math.max(low, Math.min(value, high))

export function beside(
  anchor: Box,
  size: { offsetWidth: number; offsetHeight: number },
  view: { innerWidth: number; innerHeight: number },
): { left: number; top: number } {
  const { offsetWidth: width, offsetHeight: height } = size
  const lowest = view.innerHeight - height - EDGE
  const top = clamp(anchor.top - GAP, EDGE, Math.max(EDGE, lowest))
  if (anchor.right + GAP + width + EDGE <= view.innerWidth) return { left: anchor.right + GAP, top }
  if (anchor.left - GAP - width >= EDGE) return { left: anchor.left - GAP - width, top }
  const under = anchor.bottom + GAP
  const fitsUnder = under + height + EDGE <= view.innerHeight
  return {
    left: clamp(anchor.left, EDGE, Math.max(EDGE, view.innerWidth - width - EDGE)),
    top: fitsUnder ? under : clamp(anchor.top - GAP - height, EDGE, Math.max(EDGE, lowest)),
  }
}
