import { ChevronDown, Search } from 'lucide-react';
import { Fragment, type ReactNode } from 'react';
import { Button, Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { api } from '../api.ts';
import { useConsole } from '../console-context.ts';
import { shortId } from '../format/format.ts';
import { type Kind, type Place, places } from '../places.ts';
import { useConnection } from '../query.ts';
import { Link, navigate } from '../router.tsx';
import { useSiblings } from './siblings.ts';
import { workspaceTitle } from './titles.ts';

/** Where one is, whether what is shown is live, and the way to everything else. */
export function TopBar({
  place,
  openPalette,
}: {
  readonly place: Place;
  readonly openPalette: () => void;
}) {
  const { t } = useConsole();
  return (
    <header className="top-bar">
      <Breadcrumb place={place} />
      <LiveDot />
      <button
        type="button"
        className="find"
        onClick={openPalette}
        aria-keyshortcuts="Control+K Meta+K"
      >
        <Search aria-hidden size={15} strokeWidth={1.6} className="icon" />
        <span>{t('palette.find')}</span>
        <kbd>{/Mac|iPhone/.test(navigator.userAgent) ? '⌘K' : 'Ctrl K'}</kbd>
      </button>
      <Person />
    </header>
  );
}

interface Crumb {
  readonly key: string;
  readonly title: ReactNode;
  readonly href: string;
  /** The kind whose things are its siblings. */
  readonly siblings?: Kind;
}

function Breadcrumb({ place }: { readonly place: Place }) {
  const { t, href, principal } = useConsole();
  const kind = places.find(({ kind: each }) => each === place.kind)!;
  const crumbs: Crumb[] = [
    { key: 'workspace', title: workspaceTitle(principal.workspace), href: href('home') },
  ];
  if (place.project !== undefined) {
    crumbs.push({ key: 'project', title: place.project, href: href('runs') });
  }
  crumbs.push({ key: 'kind', title: t(kind.title), href: href(place.kind) });
  const [first, second] = place.rest;
  if (first !== undefined) {
    crumbs.push({
      key: 'name',
      title: (
        <bdi dir="ltr">{place.kind === 'runs' ? shortId(first) : first.replace(/@.*/, '')}</bdi>
      ),
      href: href(place.kind, first),
      siblings: place.kind,
    });
  }
  if (second !== undefined) {
    crumbs.push({
      key: 'version',
      title: <bdi dir="ltr">{`v${second}`}</bdi>,
      href: href(place.kind, first!, second),
    });
  }
  return (
    <nav aria-label={t('breadcrumb.label')} className="breadcrumb">
      {crumbs.map((crumb, index) => (
        <Fragment key={crumb.key}>
          {index > 0 && (
            <span className="slash" aria-hidden>
              /
            </span>
          )}
          <Link href={crumb.href} aria-current={index === crumbs.length - 1 ? 'page' : undefined}>
            {crumb.title}
          </Link>
          {crumb.siblings && <Siblings kind={crumb.siblings} />}
        </Fragment>
      ))}
    </nav>
  );
}

/** The other things of a kind, behind the caret. */
function Siblings({ kind }: { readonly kind: Kind }) {
  const { t } = useConsole();
  const siblings = useSiblings(kind);
  if (siblings.length < 2) return null;
  return (
    <MenuTrigger>
      <Button className="caret" aria-label={t('breadcrumb.siblings')}>
        <ChevronDown aria-hidden size={13} strokeWidth={1.6} className="icon" />
      </Button>
      <Popover className="popover" placement="bottom start" offset={4}>
        <Menu
          className="menu"
          aria-label={t('breadcrumb.siblings')}
          onAction={(to) => navigate(String(to))}
        >
          {siblings.map((sibling) => (
            <MenuItem key={sibling.href} id={sibling.href} className="menu-item">
              {sibling.title}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

function LiveDot() {
  const { t, f, now } = useConsole();
  const { live, lastAnswerAt } = useConnection();
  return (
    <span className={live ? 'live' : 'live lost'} role="status">
      <span className="live-dot" aria-hidden />
      {live
        ? t('connection.live')
        : t('connection.reconnecting', { ago: f.ago(lastAnswerAt, now) })}
    </span>
  );
}

function Person() {
  const { t, principal } = useConsole();
  const leave = (): void => {
    void api.closeSession().finally(() => window.location.assign('/'));
  };
  return (
    <MenuTrigger>
      <Button className="avatar" aria-label={t('person.menu', { name: principal.title })}>
        {[...principal.title][0]?.toUpperCase()}
      </Button>
      <Popover className="popover" placement="bottom end" offset={4}>
        <p className="menu-note small second">
          {t('person.roles', { name: principal.title, roles: principal.roles.join(', ') })}
        </p>
        <Menu
          className="menu"
          aria-label={t('person.menu', { name: principal.title })}
          onAction={leave}
        >
          <MenuItem id="leave" className="menu-item">
            {t('person.leave')}
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
