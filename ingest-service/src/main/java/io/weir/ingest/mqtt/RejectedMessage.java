package io.weir.ingest.mqtt;

import io.weir.common.model.Names;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;

/** Says why a message can never be stored. Never leaves this package; carries no stack trace. */
final class RejectedMessage extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String reason;

    RejectedMessage(String reason) {
        super(reason, null, false, false);
        this.reason = reason;
    }

    /** A column that is known under another type than the payload gives it. */
    static RejectedMessage conflict(Column known, ColumnType type) {
        return new RejectedMessage("column \"" + Names.printable(known.name()) + "\" is "
                + known.type().noun() + " but the payload has " + type.noun());
    }

    String reason() {
        return reason;
    }
}
