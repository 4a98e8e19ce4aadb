import { strictJson } from './loose-json.ts';

/** Longest arguments in tags that are looked at. */
const BODY_MAX_CHARS = 2_048;
const NAMESPACE = '(?:\\w{1,12}:|｜DSML｜)?';
const NAME = '([\\w.-]{1,64})';
/** `<function=NAME>` (Qwen Coder), `<invoke name="NAME">` (Claude, MiniMax, DeepSeek), `<tool_call>NAME` (GLM), to the closing tag. */
const CALL = new RegExp(
  [
    `<(?:function=["']?|${NAMESPACE}invoke\\s{1,4}name=["']|tool_call>\\s{0,9})${NAME}`,
    `(?:["']?\\s{0,4}>|\\s{0,9}(?=<arg_key>))`,
    `([^]{0,${BODY_MAX_CHARS}}?)</${NAMESPACE}(?:function|invoke|tool_call)>`,
  ].join(''),
  'gi',
);
/** `<parameter=KEY>`, `<parameter name="KEY">`, `<arg_key>KEY</arg_key><arg_value>`, to the closing tag. */
const PARAMETER = new RegExp(
  [
    `<(?:${NAMESPACE}parameter(?:=|\\s{1,4}name=)["']?|arg_key>\\s{0,9})${NAME}`,
    `(?:["']?[^<>]{0,40}>|\\s{0,9}</arg_key>\\s{0,9}<arg_value>)`,
    `([^]*?)</${NAMESPACE}(?:parameter|arg_value)>`,
  ].join(''),
  'gi',
);

/** A text whose calls in tags are calls in JSON; those whose arguments are JSON already, or that are cut off, stay as they are. */
export function withoutTaggedCalls(text: string): string {
  return text.replace(CALL, (whole: string, tool: string, body: string) => {
    if (/^\s*[{[]/.test(body)) return whole;
    // Lists are written as JSON.
    const args = [...body.matchAll(PARAMETER)].map(([, key, value = '']) => {
      const text = value.trim();
      return [key, strictJson(text) ?? text];
    });
    return JSON.stringify({ tool, args: Object.fromEntries(args) });
  });
}
