import type { ChatCompletionCreateParams, ChatCompletionTool } from 'openai/resources/chat/completions';
import { type ModelRequest, type ToolSpec, VERDICT_NAME } from '../core/model.ts';
import type { Features } from './features.ts';
import { chatMessages } from './messages.ts';
import { stepSchema, VERDICT_SCHEMA } from './reply-schema.ts';

/** Little chance in verdicts; none at all makes some models that think repeat themselves without end. */
const TEMPERATURE = 0.2;
const VERDICT_TOOL = {
  name: VERDICT_NAME,
  description: 'Gives your verdict, and ends the inquiry. Cite the ids of the results it rests on.',
  parameters: VERDICT_SCHEMA,
};

/** A request as a server takes it, and what it makes use of. */
export interface ChatRequest {
  readonly params: ChatCompletionCreateParams;
  readonly used: Features;
}

/** Writes a request with the features that a server is known to have. Without tools only a verdict is wanted. */
export function chatRequest(model: string, request: ModelRequest, features: Features): ChatRequest {
  const { maxTokens } = request;
  const messages = chatMessages(request.messages, features);
  const isVerdict = request.tools.length === 0;
  const hasTools = features.tools && !isVerdict;
  const hasSchema = features.schema && (features.schemaWithTools || !hasTools);
  const hasUsage = features.usage && features.streaming;
  const name = isVerdict ? 'verdict' : 'step';
  const json_schema = { name, strict: true, schema: isVerdict ? VERDICT_SCHEMA : stepSchema(request.tools) };
  const params: ChatCompletionCreateParams = {
    model,
    messages,
    stream: features.streaming,
    ...(hasUsage ? { stream_options: { include_usage: true } } : {}),
    ...(features.temperature ? { temperature: TEMPERATURE } : {}),
    ...(features.maxTokens ? { max_tokens: maxTokens } : { max_completion_tokens: maxTokens }),
    ...(hasTools ? { tools: [...request.tools, VERDICT_TOOL].map(toolParam) } : {}),
    ...(hasSchema ? { response_format: { type: 'json_schema' as const, json_schema } } : {}),
  };
  const used = {
    ...features,
    tools: hasTools || messages.some(({ role }) => role === 'tool'),
    schema: hasSchema && !hasTools,
    schemaWithTools: hasSchema && hasTools,
    usage: hasUsage,
    system: messages.some(({ role }) => role === 'system'),
  };
  return { params, used };
}

function toolParam({ name, description, parameters }: typeof VERDICT_TOOL | ToolSpec): ChatCompletionTool {
  return { type: 'function', function: { name, description, parameters: { ...parameters } } };
}
