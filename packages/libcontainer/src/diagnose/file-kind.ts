/** What a file is that the kernel does not know how to run, in words; each with what to do about it. */
export interface FileKind {
  readonly what: string;
  readonly hint?: string;
}

const kinds: readonly { readonly bytes: readonly number[]; readonly kind: FileKind }[] = [
  {
    bytes: [0xef, 0xbb, 0xbf, 0x23, 0x21],
    kind: {
      what: 'a byte order mark stands before #!',
      hint: 'save the script as UTF-8 without a byte order mark',
    },
  },
  { bytes: [0x4d, 0x5a], kind: { what: 'it is a Windows program (MZ)' } },
  { bytes: [0xcf, 0xfa, 0xed, 0xfe], kind: { what: 'it is a macOS program (Mach-O)' } },
  {
    bytes: [0xca, 0xfe, 0xba, 0xbe],
    kind: { what: 'it is a macOS program or a Java class', hint: 'run it with java' },
  },
  { bytes: [0x50, 0x4b, 0x03, 0x04], kind: { what: 'it is a zip archive', hint: 'a .jar is run with java -jar' } },
  { bytes: [0x1f, 0x8b], kind: { what: 'it is compressed with gzip' } },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], kind: { what: 'it is compressed with zstd' } },
];

/** What the first bytes of a file say that it is, for a file that is neither ELF nor has a usable `#!` line. */
export function fileKind(head: Uint8Array): FileKind {
  if (head.length === 0) return { what: 'the file is empty' };
  const known = kinds.find(({ bytes }) => bytes.every((byte, index) => head[index] === byte));
  if (known) return known.kind;
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1');
  if (text.startsWith('#!')) return { what: 'its #! line names no interpreter, or a path of more than 250 bytes' };
  if (text.startsWith('version https://git-lfs'))
    return { what: 'it is the pointer of a file in git-lfs', hint: 'fetch the file itself: git lfs pull' };
  if (/^[\t\n\r\x20-\x7e\x80-\xff]+$/.test(text))
    return {
      what: 'it is a text file without an interpreter',
      hint: 'begin a script with a line such as #!/bin/sh',
    };
  return { what: 'it is in no format that the kernel runs' };
}
