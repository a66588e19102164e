/**
 * Undoes the kernel's escaping in mountinfo, mounts and fstab: a backslash and three octal digits stand for one ASCII
 * character. The kernel writes blank `\040`, tab `\011`, line feed `\012`, backslash `\134`, and in some fields `#` as
 * `\043` and in option values a comma as `\054`. A backslash that begins no such sequence stands for itself.
 */
export function unescapeOctal(text: string): string {
  // Only ASCII is ever escaped; a greater value would be one byte of a character, which cannot be decoded alone.
  return text.replace(/\\([01][0-7]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
