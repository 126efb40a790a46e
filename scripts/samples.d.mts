/** A fenced block of a page. `page` is the file's name in lower case, without its ending. */
export interface Block {
  page: string;
  line: number;
  language: string;
  /** What stands after the language. */
  name: string;
  code: string;
}

export function blocks(): Promise<Block[]>;
export function writeSamples(): Promise<void>;
