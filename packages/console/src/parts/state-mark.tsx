import {
  CircleCheck,
  CircleDashed,
  CircleSlash,
  ClockAlert,
  History,
  LoaderCircle,
  type LucideIcon,
  OctagonX,
  ShieldX,
  TriangleAlert,
  UserRoundCheck,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { useConsole } from '../console-context.ts';
import { hues, type Sign, type Stated as StatedOf } from '../state.ts';

const icons: Readonly<Record<Sign, LucideIcon>> = {
  ok: CircleCheck,
  run: LoaderCircle,
  wait: UserRoundCheck,
  warn: TriangleAlert,
  stale: ClockAlert,
  fail: OctagonX,
  refused: ShieldX,
  idle: CircleDashed,
  cached: History,
  skipped: CircleSlash,
};

/** A state's icon alone, for places where its word stands beside it. */
export function StateIcon({ sign, size = 15 }: { readonly sign: Sign; readonly size?: number }) {
  const Icon = icons[sign];
  return (
    <Icon
      aria-hidden
      size={size}
      strokeWidth={1.75}
      className={`icon hue-${hues[sign]}${sign === 'run' ? ' turning' : ''}`}
    />
  );
}

/** Icon, word and colour: a state in a table or a list. */
export function StateMark({
  sign,
  children,
}: {
  readonly sign: Sign;
  readonly children: ReactNode;
}) {
  return (
    <span className={`state hue-${hues[sign]}`}>
      <StateIcon sign={sign} />
      <span>{children}</span>
    </span>
  );
}

/** A state with the usual word. */
export function Stated({ stated }: { readonly stated: StatedOf }) {
  const { t } = useConsole();
  return <StateMark sign={stated.sign}>{t(stated.word)}</StateMark>;
}

/** A tinted state, for a page's header only. */
export function Chip({ sign, children }: { readonly sign: Sign; readonly children: ReactNode }) {
  return (
    <span className={`chip tint-${hues[sign]}`}>
      <StateIcon sign={sign} size={14} />
      <span>{children}</span>
    </span>
  );
}
