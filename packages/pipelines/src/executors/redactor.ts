/** Passes bytes on, without a secret that may stand in them, also where chunks divide it. */
export function redactor(
  secret: string,
  pass: (chunk: Uint8Array) => void,
): { readonly write: (chunk: Uint8Array) => void; readonly end: () => void } {
  let held = '';
  const emit = (text: string): void => {
    if (text !== '') pass(Buffer.from(text, 'latin1'));
  };
  return {
    write: (chunk) => {
      // Latin-1 maps bytes to characters one to one, so that nothing is lost on the way.
      const text = (held + Buffer.from(chunk).toString('latin1')).replaceAll(secret, '[redacted]');
      held = text.slice(text.length - beginningAtEnd(text, secret));
      emit(text.slice(0, text.length - held.length));
    },
    end: () => {
      emit(held);
      held = '';
    },
  };
}

/** How many characters at the end of a text are the beginning of the secret. */
function beginningAtEnd(text: string, secret: string): number {
  for (let length = Math.min(text.length, secret.length - 1); length > 0; length--) {
    if (text.endsWith(secret.slice(0, length))) return length;
  }
  return 0;
}
