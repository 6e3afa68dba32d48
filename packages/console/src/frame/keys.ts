import { useEffect, useRef } from 'react';
import { type Kind, places } from '../places.ts';
import { navigate } from '../router.tsx';
import { settings } from '../settings.ts';

interface KeyActs {
  readonly href: (kind: Kind) => string;
  readonly openPalette: () => void;
}

const jumpMs = 1200;
const fields = 'input, textarea, select, [contenteditable], [role="menu"], [role="dialog"]';

/** Acts of single keys that the page itself answers, found by an attribute of their control. */
const controls: Readonly<Record<string, string>> = {
  '/': '[data-search]',
  '.': '[data-panel-menu]',
  r: '[data-key-r]',
  l: '[data-key-l]',
  c: '[data-key-c]',
  n: '[data-key-n]',
  p: '[data-key-p]',
};

/** The key map of the whole console. Single keys are silent in text fields and can be switched off. */
export function useKeys({ href, openPalette }: KeyActs): void {
  const jumpUntil = useRef(0);
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        openPalette();
        return;
      }
      const typing = (event.target as Element).closest?.(fields);
      if (event.ctrlKey || event.metaKey || event.altKey || typing || !settings().singleKeys)
        return;
      const jump = jumpUntil.current > event.timeStamp;
      jumpUntil.current = event.key === 'g' ? event.timeStamp + jumpMs : 0;
      const target = jump && places.find((place) => place.key === event.key);
      if (target) navigate(href(target.kind));
      if (target || pressed(event.key, href)) event.preventDefault();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [href, openPalette]);
}

/** Whether a single key did something. */
function pressed(key: string, href: (kind: Kind) => string): boolean {
  if (key === '?') navigate(href('help'));
  else if (key === 'j' || key === 'k') return walkRows(key === 'j' ? 1 : -1);
  else if (key === '[' || key === ']') return walkTabs(key === ']' ? 1 : -1);
  else if (key === 'Escape') return press('[data-close]');
  else if (key === 'y') void navigator.clipboard?.writeText(window.location.href);
  else if (controls[key]) return press(controls[key]);
  else return false;
  return true;
}

function press(selector: string): boolean {
  const control = document.querySelector<HTMLElement>(selector);
  // The attribute may stand on a wrapper, since the control inside is a part of its own.
  const own = control?.matches('button, a, input') ?? false;
  const target = own ? control : control?.querySelector<HTMLElement>('button, a');
  if (target?.matches('input')) target.focus();
  else target?.click();
  return control !== null;
}

/** From the focused row, else into the page's first list. */
function walkRows(step: 1 | -1): boolean {
  const focused = document.activeElement?.closest<HTMLElement>('[data-row]');
  const list = focused?.closest('[data-rows]') ?? document.querySelector('main [data-rows]');
  const rows = [...(list?.querySelectorAll<HTMLElement>('[data-row]') ?? [])];
  const next = focused ? rows[rows.indexOf(focused) + step] : rows[0];
  next?.focus();
  return next !== undefined;
}

function walkTabs(step: 1 | -1): boolean {
  const tabs = [...document.querySelectorAll<HTMLElement>('[data-main-tabs] [role="tab"]')];
  const at = tabs.findIndex((tab) => tab.getAttribute('aria-selected') === 'true');
  tabs[(at + step + tabs.length) % tabs.length]?.click();
  return tabs.length > 0;
}
