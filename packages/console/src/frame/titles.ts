/** A technical name as a title: `lumen-media` reads "Lumen Media". Names are never translated. */
export function workspaceTitle(name: string): string {
  return name
    .split(/[-_.]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}
