export { factor } from './factor';
export { gram } from './gram';
export { multiply } from './multiply';
export { pack } from './pack';
export { rank } from './rank';
export { solve } from './solve';
