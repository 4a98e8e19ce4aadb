declare module '*.bin' {
  /** Path of the embedded file; `readFileSync` takes it in a compiled binary too. */
  const path: string;
  // biome-ignore lint/style/noDefaultExport: the form in which Bun gives a file import
  export default path;
}

declare module '*.txt' {
  /** Path of the embedded file. */
  const path: string;
  // biome-ignore lint/style/noDefaultExport: the form in which Bun gives a file import
  export default path;
}
