import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

interface ButtonProps {
  readonly children: ReactNode;
  readonly icon?: LucideIcon;
  /** One a view. */
  readonly primary?: boolean;
  readonly plain?: boolean;
  readonly disabled?: boolean;
  /** Why it is disabled, said to everyone. */
  readonly because?: string | undefined;
  readonly busy?: boolean;
  readonly type?: 'button' | 'submit';
  readonly onPress?: () => void;
}

/** A control named after its act. A disabled one stays reachable, so that its reason can be read. */
export function Button(props: ButtonProps) {
  const { icon: Icon, primary, plain, disabled, busy, because } = props;
  const off = disabled || busy;
  const kind = primary ? ' primary' : plain ? ' plain' : '';
  return (
    <button
      type={props.type ?? 'button'}
      className={`button${kind}`}
      aria-disabled={off || undefined}
      aria-busy={busy || undefined}
      title={because}
      onClick={(event) => {
        if (off) event.preventDefault();
        else props.onPress?.();
      }}
    >
      {Icon && <Icon aria-hidden size={15} strokeWidth={1.75} className="icon" />}
      <span>{props.children}</span>
    </button>
  );
}

interface IconButtonProps {
  readonly icon: LucideIcon;
  readonly label: string;
  readonly pressed?: boolean;
  readonly onPress: () => void;
}

/** A square control whose name is its label. */
export function IconButton({ icon: Icon, label, pressed, onPress }: IconButtonProps) {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      aria-pressed={pressed}
      title={label}
      onClick={onPress}
    >
      <Icon aria-hidden size={16} strokeWidth={1.6} className="icon" />
    </button>
  );
}
