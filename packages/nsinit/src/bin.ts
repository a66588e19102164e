import { main } from './main.ts';

// Everything has been written by now, and leaving at once is faster than letting Node take itself apart.
void main(process.argv.slice(2)).then((code) => process.exit(code));
