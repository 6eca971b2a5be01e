// A step that comes in the place of another takes the focus along, so that the keyboard goes on from there.

export const focused = (step: HTMLElement) => {
  step.querySelector<HTMLElement>('input, button')?.focus()
}
