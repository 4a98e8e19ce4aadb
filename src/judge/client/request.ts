import type { ChatCompletionCreateParams, ChatCompletionTool } from 'openai/resources/chat/completions';
import { type ModelRequest, type ToolSpec, VERDICT_NAME } from '../core/model.ts';
import type { Feature, Features } from './features.ts';
import { chatMessages } from './messages.ts';

/** Little chance in verdicts; none at all makes some models that think repeat themselves without end. */
const TEMPERATURE = 0.2;

/** A request as a server takes it, and what it makes use of. */
export interface ChatRequest {
  readonly params: ChatCompletionCreateParams;
  readonly used: ReadonlySet<Feature>;
}

const VERDICT_SCHEMA = {
  type: 'object',
  properties: {
    verdict: { type: 'string', enum: ['allow', 'block', 'unsure'] },
    reasons: { type: 'array', items: { type: 'string' } },
    evidence: { type: 'array', items: { type: 'string' } },
  },
  required: ['verdict', 'reasons', 'evidence'],
  additionalProperties: false,
};
const VERDICT_TOOL: ChatCompletionTool = {
  type: 'function',
  function: {
    name: VERDICT_NAME,
    description: 'Gives your verdict, and ends the inquiry. Cite the ids of the results it rests on.',
    parameters: VERDICT_SCHEMA,
  },
};
const VERDICT_FORMAT = {
  type: 'json_schema' as const,
  json_schema: { name: 'verdict', strict: true, schema: VERDICT_SCHEMA },
};

/** Writes a request with the features that a server is known to have. Without tools only a verdict is wanted. */
export function chatRequest(model: string, request: ModelRequest, features: Features): ChatRequest {
  const { maxTokens } = request;
  const messages = chatMessages(request.messages, features);
  const tools = features.tools ? request.tools.map(toolParam) : [];
  const hasSchema = features.schema && request.tools.length === 0;
  const hasUsage = features.usage && features.streaming;
  const params: ChatCompletionCreateParams = {
    model,
    messages,
    stream: features.streaming,
    ...(hasUsage ? { stream_options: { include_usage: true } } : {}),
    ...(features.temperature ? { temperature: TEMPERATURE } : {}),
    ...(features.maxTokens ? { max_tokens: maxTokens } : { max_completion_tokens: maxTokens }),
    ...(tools.length > 0 ? { tools: [...tools, VERDICT_TOOL] } : {}),
    ...(hasSchema ? { response_format: VERDICT_FORMAT } : {}),
  };
  const isUsed: Features = {
    ...features,
    tools: tools.length > 0 || messages.some(({ role }) => role === 'tool'),
    schema: hasSchema,
    usage: hasUsage,
    system: messages.some(({ role }) => role === 'system'),
  };
  const used = Object.entries(isUsed).filter(([, is]) => is);
  return { params, used: new Set(used.map(([feature]) => feature as Feature)) };
}

function toolParam({ name, description, parameters }: ToolSpec): ChatCompletionTool {
  return { type: 'function', function: { name, description, parameters: { ...parameters } } };
}
