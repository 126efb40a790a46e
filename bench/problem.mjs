/** Something that whoever runs the bench can put right, or must know: one line, no stack trace. */
export class Problem extends Error {}
