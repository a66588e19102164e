import { expect, it } from 'vitest';
import { imageOptions } from './image-options.ts';

it('takes directories relative to the current one', () => {
  expect(imageOptions({ 'image-path': 'i', 'work-path': '/w' }, '/here')).toMatchObject({
    imagesDirectory: '/here/i',
    workDirectory: '/w',
  });
  expect(() => imageOptions({}, '/')).toThrow("The --image-path option isn't specified");
});

it.each([
  ['10.0.0.1:1234', { address: '10.0.0.1', port: 1234 }],
  ['[::1]:65535', { address: '::1', port: 65535 }],
  ['::1:1', { address: '::1', port: 1 }],
])('reads the page server %s', (text, pageServer) => {
  expect(imageOptions({ 'image-path': '/i', 'page-server': text }, '/')).toMatchObject({ pageServer });
});

it.each([
  ['10.0.0.1', /Use --page-server ADDRESS:PORT/],
  [':80', /Use --page-server ADDRESS:PORT/],
  ['10.0.0.1:', /Invalid port number/],
  ['10.0.0.1:0', /Invalid port number/],
  ['10.0.0.1:65536', /Invalid port number/],
  ['10.0.0.1:http', /Invalid port number/],
])('refuses the page server %s', (text, message) => {
  expect(() => imageOptions({ 'image-path': '/i', 'page-server': text }, '/')).toThrow(message);
});
