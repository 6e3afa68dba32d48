import type { KeyboardEvent, ReactNode } from 'react';

interface Tab {
  readonly id: string;
  readonly title: string;
  readonly count?: string | undefined;
}

/** Tabs that keep the page's header; `[` and `]` walk them from anywhere, arrows from within. */
export function Tabs(props: {
  readonly label: string;
  readonly tabs: readonly Tab[];
  readonly current: string;
  readonly onSelect: (id: string) => void;
  /** The main tabs of a page, not those inside a panel. */
  readonly main?: boolean;
}) {
  const { tabs, current, onSelect } = props;
  const walk = (event: KeyboardEvent<HTMLDivElement>): void => {
    const back = document.documentElement.dir === 'rtl' ? 'ArrowRight' : 'ArrowLeft';
    const forth = back === 'ArrowLeft' ? 'ArrowRight' : 'ArrowLeft';
    const step = event.key === forth ? 1 : event.key === back ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = tabs.findIndex((tab) => tab.id === current);
    const next = tabs[(at + step + tabs.length) % tabs.length]!;
    onSelect(next.id);
    event.currentTarget.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };
  return (
    <div
      role="tablist"
      aria-label={props.label}
      className={props.main ? 'tabs main' : 'tabs'}
      data-main-tabs={props.main || undefined}
      onKeyDown={walk}
    >
      {tabs.map((tab) => (
        <button
          key={tab.id}
          type="button"
          role="tab"
          data-tab={tab.id}
          aria-selected={tab.id === current}
          tabIndex={tab.id === current ? 0 : -1}
          onClick={() => onSelect(tab.id)}
        >
          {tab.title} {tab.count !== undefined && <span className="count">{tab.count}</span>}
        </button>
      ))}
    </div>
  );
}

/** What the chosen tab shows. */
export function TabPanel({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ReactNode;
}) {
  return (
    <div role="tabpanel" aria-label={label} className="tab-panel">
      {children}
    </div>
  );
}
