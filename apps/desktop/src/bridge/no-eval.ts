/**
 * To be imported before anything else of a page. Zod tries `new Function` when the first schema is made, to compile its
 * checks; the page's policy forbids that and would report an attack that is none.
 */
import { config } from 'zod';

config({ jitless: true });
