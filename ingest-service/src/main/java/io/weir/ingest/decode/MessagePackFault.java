package io.weir.ingest.decode;

/** Unwinds the reading of a faulty MessagePack body. Never leaves the decoder; carries no stack trace. */
final class MessagePackFault extends RuntimeException {

    private static final long serialVersionUID = 1L;

    final transient int offset;
    final String reason;

    MessagePackFault(int offset, String reason) {
        super(reason, null, false, false);
        this.offset = offset;
        this.reason = reason;
    }
}
