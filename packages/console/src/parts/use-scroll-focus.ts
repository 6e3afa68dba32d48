import { type RefObject, useEffect, useRef } from 'react';

/** Lets the keyboard reach a region while it scrolls, and leaves it out of the tab order otherwise. */
export function useScrollFocus<E extends HTMLElement>(): RefObject<E | null> {
  const ref = useRef<E>(null);
  useEffect(() => {
    const region = ref.current;
    if (region === null) return;
    const update = (): void => {
      const scrolls =
        region.scrollHeight > region.clientHeight + 1 ||
        region.scrollWidth > region.clientWidth + 1;
      if (scrolls) region.tabIndex = 0;
      else region.removeAttribute('tabindex');
    };
    const observer = new ResizeObserver(update);
    observer.observe(region);
    for (const child of region.children) observer.observe(child);
    update();
    return () => observer.disconnect();
  });
  return ref;
}
