import { main } from './main.ts';

// Not process.exit: what is still on its way to the standard output is to arrive there.
main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
