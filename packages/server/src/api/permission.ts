import type { Principal, Resource } from '../principal.ts';

interface WorkspacePermission {
  readonly action: string;
  readonly resource: (input: { readonly principal: Principal }) => Resource;
}

interface ParamPermission {
  readonly action: string;
  readonly resource: (input: { readonly params: Readonly<Record<string, unknown>> }) => Resource;
}

/** To act on the workspace's things as a whole. */
export function inWorkspace(action: string): WorkspacePermission {
  return {
    action,
    resource: ({ principal }) => ({ type: nounOf(action), id: principal.workspace }),
  };
}

/** To act on the one thing that a parameter of the path names. */
export function ofParam(action: string, param: string): ParamPermission {
  return {
    action,
    resource: ({ params }) => ({ type: nounOf(action), id: String(params[param]) }),
  };
}

function nounOf(action: string): string {
  return action.slice(0, action.indexOf('.'));
}
