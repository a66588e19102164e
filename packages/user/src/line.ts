/**
 * Takes the colon-separated lines of a passwd or group file apart. Blank lines, white space around a line and lines that
 * begin with `#` are passed over, as the C library does. A line that is no entry at all still gives its fields.
 */
export function splitLines(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'));
}

/** Takes a comma-separated field apart; an empty field has no items. */
export function splitList(field: string): readonly string[] {
  return field === '' ? [] : field.split(',');
}
