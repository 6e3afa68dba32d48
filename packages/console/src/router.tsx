import { type AnchorHTMLAttributes, type MouseEvent, useSyncExternalStore } from 'react';

/** Where the person is: the parts of the path, decoded, and what the page shows of it. */
interface Address {
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  readonly href: string;
}

const listeners = new Set<() => void>();
let address = read();

function read(): Address {
  const { pathname, search, hash } = window.location;
  return {
    parts: pathname.split('/').filter(Boolean).map(decode),
    query: new URLSearchParams(search),
    href: `${pathname}${search}${hash}`,
  };
}

/** A broken escape in a typed address stays as it was typed. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function announce(): void {
  address = read();
  for (const listener of listeners) listener();
}

window.addEventListener('popstate', announce);

/** Goes to an address of the console; `replace` leaves no step for Back. */
export function navigate(href: string, options: { readonly replace?: boolean } = {}): void {
  if (href === address.href) return;
  const samePage = href.split('?')[0] === window.location.pathname;
  if (options.replace) window.history.replaceState(null, '', href);
  else window.history.pushState(null, '', href);
  announce();
  if (!samePage) window.scrollTo(0, 0);
}

export function useAddress(): Address {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => address,
  );
}

/** The address with some of its query changed; `undefined` removes a key. */
export function hrefWith(changes: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams(window.location.search);
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) query.delete(key);
    else query.set(key, value);
  }
  // A task's `/` reads better unescaped, and is allowed in a query.
  const text = query.toString().replaceAll('%2F', '/');
  return `${window.location.pathname}${text && `?${text}`}`;
}

/** One key of the query as state; a change is a step that Back undoes. */
export function useParam(
  key: string,
): readonly [string | undefined, (value: string | undefined) => void] {
  const { query } = useAddress();
  return [query.get(key) ?? undefined, (value) => navigate(hrefWith({ [key]: value }))];
}

type LinkProps = AnchorHTMLAttributes<HTMLAnchorElement> & { readonly href: string };

/** A real link that stays in the page unless a new tab was asked for. */
export function Link({ onClick, ...props }: LinkProps) {
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    onClick?.(event);
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
    if (!plain || event.defaultPrevented) return;
    event.preventDefault();
    navigate(props.href);
  };
  // The address is among the properties, so this is a link that a click may follow in place.
  // biome-ignore lint/a11y/useValidAnchor: see above
  // biome-ignore lint/a11y/noStaticElementInteractions: see above
  return <a {...props} onClick={follow} />;
}
