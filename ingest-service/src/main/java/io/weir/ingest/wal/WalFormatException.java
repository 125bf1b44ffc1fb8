package io.weir.ingest.wal;

/** Bytes that are not what the format of the log says, or a batch that the format cannot carry. */
final class WalFormatException extends Exception {

    private static final long serialVersionUID = 1L;

    WalFormatException(String message) {
        super(message);
    }
}
