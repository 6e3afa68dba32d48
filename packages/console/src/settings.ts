import { useSyncExternalStore } from 'react';

const locales = ['en', 'ar'] as const;
export type Locale = (typeof locales)[number];
export type Theme = 'system' | 'light' | 'dark';
export type Density = 'compact' | 'comfortable';

/** What a person chose for this browser; never part of an address. */
interface Settings {
  readonly theme: Theme;
  readonly locale: Locale;
  readonly density: Density;
  /** Pixels, 180 to 320. */
  readonly railWidth: number;
  readonly railCollapsed: boolean;
  /** Keys without a modifier; WCAG 2.1.4 asks that they can be switched off. */
  readonly singleKeys: boolean;
}

const storageKey = 'backlot.settings';
export const railWidths = { least: 180, most: 320, usual: 216 } as const;

const initial: Settings = {
  theme: 'system',
  locale: navigator.language.startsWith('ar') ? 'ar' : 'en',
  density: 'compact',
  railWidth: railWidths.usual,
  railCollapsed: false,
  singleKeys: true,
};

const listeners = new Set<() => void>();
let current: Settings = { ...initial, ...stored() };

/** What the browser kept; a value that is no JSON counts as nothing kept. */
function stored(): Partial<Settings> {
  try {
    return JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<Settings>;
  } catch {
    return {};
  }
}

export function changeSettings(change: Partial<Settings>): void {
  current = { ...current, ...change };
  localStorage.setItem(storageKey, JSON.stringify(current));
  applySettings();
  for (const listener of listeners) listener();
}

/** Puts theme, language, direction and density on the root element. */
export function applySettings(): void {
  const root = document.documentElement;
  if (current.theme === 'system') delete root.dataset.theme;
  else root.dataset.theme = current.theme;
  root.dataset.density = current.density;
  root.lang = current.locale;
  root.dir = current.locale === 'ar' ? 'rtl' : 'ltr';
}

export function settings(): Settings {
  return current;
}

export function useSettings(): Settings {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, settings);
}
