/** What a terminal types for a page that no verb of the command line shows. */
export function apiCommand(path: string): string {
  const address = `${window.location.origin}/api/v1${path}`;
  return `curl -H "Authorization: Bearer $BACKLOT_TOKEN" ${address}`;
}
