package io.weir.ingest.decode;

/**
 * Finds where a line ends without understanding it: at the first newline that is not inside a quoted field value.
 * Resumable: what one call has seen, the next goes on from. A quote opens a string only directly behind an unescaped
 * {@code =} of the field section.
 */
final class LineEnd {

    private enum State {
        START,
        COMMENT,
        KEY,
        FIELDS,
        VALUE,
        STRING,
        STRING_ESCAPE
    }

    private State state = State.START;
    private byte previous;

    /** Forgets the line seen so far: the next byte starts a line. */
    void reset() {
        state = State.START;
        previous = 0;
    }

    /** Position after the newline that ends the line, or -1 when {@code buffer[from, to)} does not hold it. */
    int find(byte[] buffer, int from, int to) {
        for (int at = from; at < to; at++) {
            byte next = buffer[at];
            if (next == '\n' && state != State.STRING && state != State.STRING_ESCAPE) {
                reset();
                return at + 1;
            }
            boolean escaped = previous == '\\';
            state = after(next, escaped);
            previous = next;
        }
        return -1;
    }

    private State after(byte next, boolean escaped) {
        return switch (state) {
            case START -> next == '#' ? State.COMMENT : next == ' ' || next == '\t' ? State.START : State.KEY;
            case COMMENT -> State.COMMENT;
            case KEY -> next == ' ' && !escaped ? State.FIELDS : State.KEY;
            case FIELDS -> next == '=' && !escaped ? State.VALUE : State.FIELDS;
            case VALUE -> next == '"' ? State.STRING : next == '=' ? State.VALUE : State.FIELDS;
            case STRING -> next == '\\' ? State.STRING_ESCAPE : next == '"' ? State.FIELDS : State.STRING;
            case STRING_ESCAPE -> State.STRING;
        };
    }
}
