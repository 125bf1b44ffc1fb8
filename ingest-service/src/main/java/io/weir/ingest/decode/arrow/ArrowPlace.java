package io.weir.ingest.decode.arrow;

import io.weir.common.error.WeirException;
import io.weir.common.model.Names;
import io.weir.ingest.IngestError;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where in an Arrow stream a decoder is, for messages. */
final class ArrowPlace {

    private long offset;
    private int batch = -1;
    private String what = "";
    private @Nullable String column;

    /** At a message whose first byte is byte {@code start} of the stream; nothing is known of it yet. */
    void message(long start) {
        offset = start;
        what = "";
        column = null;
    }

    /** In the schema message. */
    void schema() {
        what = "schema";
    }

    /** In a dictionary batch of that dictionary. */
    void dictionary(long id) {
        what = "dictionary " + id;
    }

    /** In the next record batch. */
    void nextBatch() {
        batch++;
        what = "record batch " + batch;
    }

    /** In that column. */
    void column(String name) {
        column = name;
    }

    /** In no column in particular. */
    void noColumn() {
        column = null;
    }

    /** The answer to the client for a fault found here. */
    WeirException answer(ArrowFault fault) {
        Map<String, Object> context = new HashMap<>();
        StringBuilder detail = new StringBuilder(what);
        if (batch >= 0) {
            context.put("index", batch);
        }
        if (column != null) {
            String printable = Names.printable(column);
            context.put("column", printable);
            detail.append(detail.isEmpty() ? "" : ", ")
                    .append("column \"")
                    .append(printable)
                    .append('"');
        }
        if (fault.row >= 0) {
            context.put("row", fault.row);
            detail.append(", row ").append(fault.row);
        }
        context.put("reason", fault.reason);
        context.put("offset", offset);
        detail.append(detail.isEmpty() ? "" : ": ")
                .append(fault.reason)
                .append(", in the message at byte ")
                .append(offset);
        return new WeirException(IngestError.INVALID_ARROW, detail.toString(), context);
    }
}
