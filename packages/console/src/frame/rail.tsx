import { ChevronsUpDown, PanelLeft, TextQuote } from 'lucide-react';
import { type CSSProperties, Fragment, type KeyboardEvent, type PointerEvent } from 'react';
import { Focusable, Tooltip, TooltipTrigger } from 'react-aria-components';
import { useConsole } from '../console-context.ts';
import { IconButton } from '../parts/button.tsx';
import { type Kind, type PlaceOf, places } from '../places.ts';
import { Link } from '../router.tsx';
import { changeSettings, railWidths, useSettings } from '../settings.ts';
import { workspaceTitle } from './titles.ts';

interface RailProps {
  readonly current: Kind | undefined;
  /** How many things wait, beside Home and Reviews. */
  readonly counts: Readonly<Partial<Record<Kind, number>>>;
}

/** Every kind of thing on one level, in sections; width and collapse are the person's and stay. */
export function Rail({ current, counts }: RailProps) {
  const { t, principal } = useConsole();
  const { railWidth, railCollapsed } = useSettings();
  const top = places.filter((place) => place.section === undefined && place.key !== undefined);
  const foot = places.filter((place) => place.key === undefined);
  const item = (place: PlaceOf) => (
    <RailItem
      key={place.kind}
      place={place}
      current={place.kind === current}
      count={counts[place.kind]}
      collapsed={railCollapsed}
    />
  );
  return (
    <nav
      className={railCollapsed ? 'rail collapsed' : 'rail'}
      aria-label={t('rail.label')}
      style={{ '--rail-width': `${railCollapsed ? 48 : railWidth}px` } as CSSProperties}
    >
      <div className="workspace">
        <span className="logo" aria-hidden>
          <TextQuote size={13} strokeWidth={2} />
        </span>
        {!railCollapsed && (
          <>
            <b className="cut">{workspaceTitle(principal.workspace)}</b>
            <ChevronsUpDown aria-hidden size={15} strokeWidth={1.6} className="icon" />
          </>
        )}
      </div>
      <div className="rail-items">
        <ul>{top.map(item)}</ul>
        {(['data', 'build', 'ship', 'govern'] as const).map((section) => (
          <Fragment key={section}>
            <h2 className="rail-section small">
              <span className={railCollapsed ? 'hidden-visually' : undefined}>
                {t(`rail.section.${section}`)}
              </span>
            </h2>
            <ul>{places.filter((place) => place.section === section).map(item)}</ul>
          </Fragment>
        ))}
      </div>
      <ul className="rail-foot">{foot.map(item)}</ul>
      <div className="rail-collapse">
        <IconButton
          icon={PanelLeft}
          label={t(railCollapsed ? 'rail.expand' : 'rail.collapse')}
          onPress={() => changeSettings({ railCollapsed: !railCollapsed })}
        />
      </div>
      {!railCollapsed && <Resizer width={railWidth} />}
    </nav>
  );
}

function RailItem(props: {
  readonly place: PlaceOf;
  readonly current: boolean;
  readonly count: number | undefined;
  readonly collapsed: boolean;
}) {
  const { t, f, href } = useConsole();
  const { place, collapsed, count } = props;
  const Icon = place.icon;
  const link = (
    <Link
      href={href(place.kind)}
      className="rail-item"
      aria-current={props.current ? 'page' : undefined}
      aria-label={collapsed ? t(place.title) : undefined}
    >
      <Icon aria-hidden size={16} strokeWidth={1.6} className="icon" />
      {!collapsed && <span className="cut">{t(place.title)}</span>}
      {!collapsed && count !== undefined && count > 0 && <b className="count">{f.number(count)}</b>}
      {!collapsed && place.kind === 'help' && <kbd>?</kbd>}
    </Link>
  );
  if (!collapsed) return <li>{link}</li>;
  return (
    <li>
      <TooltipTrigger delay={200}>
        <Focusable>{link}</Focusable>
        <Tooltip className="tooltip" placement="end">
          {t(place.title)}
        </Tooltip>
      </TooltipTrigger>
    </li>
  );
}

/** Dragging has a keyed twin: the separator takes focus and arrows move it. */
function Resizer({ width }: { readonly width: number }) {
  const { t } = useConsole();
  const resize = (next: number): void =>
    changeSettings({ railWidth: Math.min(railWidths.most, Math.max(railWidths.least, next)) });
  const rtl = (): boolean => document.documentElement.dir === 'rtl';
  const drag = (event: PointerEvent<HTMLHRElement>): void => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    resize(rtl() ? window.innerWidth - event.clientX : event.clientX);
  };
  const press = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 8, ArrowLeft: -8 }[event.key];
    if (step !== undefined) resize(width + (rtl() ? -step : step));
  };
  return (
    <hr
      className="rail-resizer"
      aria-orientation="vertical"
      aria-label={t('rail.resize')}
      aria-valuenow={width}
      aria-valuemin={railWidths.least}
      aria-valuemax={railWidths.most}
      // A separator that moves is a control, and takes focus.
      tabIndex={0}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onDoubleClick={() => resize(railWidths.usual)}
      onKeyDown={press}
    />
  );
}
