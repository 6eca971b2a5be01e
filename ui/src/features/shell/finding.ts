// What can be chosen in a list that is searched.

import type { IconName } from '../../components/icons'

export interface Finding {
  id: string
  icon: IconName
  /** A calendar's colour instead of the icon. */
  tint: string
  text: string
  /** Beside the text, in a lower voice. */
  under: string
  /** At the end of the line. */
  detail: string
  /** As it is printed on the keyboard. */
  key: string
  past: boolean
  run: () => void
}
