package io.weir.ingest.mqtt;

/** Says why a message can never be stored. Never leaves this package; carries no stack trace. */
final class RejectedMessage extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String reason;

    RejectedMessage(String reason) {
        super(reason, null, false, false);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
