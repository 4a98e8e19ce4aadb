import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';
import { Assembly } from './assembly.ts';
import { EventReader } from './events.ts';
import type { ModelFault } from './failure.ts';
import type { RequestDeadline } from './request-deadline.ts';
import { readSlices, receiveResponse } from './response.ts';
import { type Destination, sendChat } from './transport.ts';

/** Waited for tokens to be counted, and for the end of a stream, once the model has stopped. */
const LINGER_MS = 1_000;

/** What came of one HTTP request to a model. */
export interface Exchanged {
  /** As far as it came; without tokens where the server did not take the request, and so the model read nothing. */
  readonly reply: Assembly;
  /** Why that is not a whole reply; null when it is. */
  readonly fault: ModelFault | null;
}

/** Makes one HTTP request to a model and reads what comes of it. Ends by the deadline; never rejects. */
export async function exchange(
  destination: Destination,
  params: ChatCompletionCreateParams,
  deadline: RequestDeadline,
): Promise<Exchanged> {
  deadline.begin(params.stream !== true);
  const sent = sendChat(destination, params, deadline.signal);
  const response = await receiveResponse(sent, destination.apiUrl, deadline);
  if ('why' in response) return { reply: new Assembly(0), fault: response };
  const reply = new Assembly(JSON.stringify(params.messages).length);
  const reader = new EventReader((value) => {
    const wrong = reply.add(value);
    if (reply.isFinished) deadline.linger(LINGER_MS);
    return wrong;
  });
  const broke = await readSlices(response, deadline, (slice) => {
    reader.push(slice);
    return reader.end === null ? 'more' : 'enough';
  });
  // A reply that is whole stays whole, however its stream ends.
  const isOpen = reader.end === null && !reply.isFinished;
  if (isOpen && broke === null) reader.close();
  const fault = reader.end ?? (isOpen ? broke : null);
  return { reply, fault: fault === null || fault === 'done' ? reply.unfinished : fault };
}
