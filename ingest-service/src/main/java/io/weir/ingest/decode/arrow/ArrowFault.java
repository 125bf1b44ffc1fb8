package io.weir.ingest.decode.arrow;

/** Unwinds the reading of a faulty Arrow stream. Never leaves the decoder; carries no stack trace. */
final class ArrowFault extends RuntimeException {

    /** Row of a fault that is not in one. */
    static final int NO_ROW = -1;

    private static final long serialVersionUID = 1L;

    /** Row of the record batch, or {@link #NO_ROW}. */
    final int row;

    final String reason;

    ArrowFault(String reason) {
        this(NO_ROW, reason);
    }

    ArrowFault(int row, String reason) {
        super(reason, null, false, false);
        this.row = row;
        this.reason = reason;
    }
}
