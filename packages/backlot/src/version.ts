/** The version of this Backlot. */
export const version = '0.1.0';
