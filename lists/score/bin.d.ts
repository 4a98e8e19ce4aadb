declare module '*.bin' {
  /** Path of the embedded file; `readFileSync` takes it in a compiled binary too. */
  const path: string;
  export default path;
}
