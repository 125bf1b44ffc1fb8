package io.weir.ingest.decode;

import io.weir.common.error.WeirException;
import io.weir.common.model.Names;
import io.weir.ingest.IngestError;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where in a MessagePack request a decoder is, for messages. */
final class PackedPlace {

    private int item;
    private int row;
    private @Nullable String column;

    /** Before the first item. */
    void reset() {
        item = -1;
        column = null;
        row = -1;
    }

    /** At the next item. */
    void nextItem() {
        item++;
        column = null;
        row = -1;
    }

    /** Back at the item before: a batch is not an item itself. */
    void previousItem() {
        item--;
    }

    /** Number of the item, from 0. */
    int item() {
        return item;
    }

    /** In that column of the item, or in none. */
    void column(@Nullable String name) {
        column = name;
        row = -1;
    }

    /** At that value of the column. */
    void row(int index) {
        row = index;
    }

    /** The answer to the client for a fault found here. */
    WeirException answer(MessagePackFault fault, int bodyStart) {
        Map<String, Object> context = new HashMap<>();
        StringBuilder detail = new StringBuilder();
        if (item >= 0) {
            context.put("index", item);
            detail.append("item ").append(item);
        }
        if (column != null) {
            context.put("column", Names.printable(column));
            detail.append(detail.isEmpty() ? "" : ", ").append("column \"").append(Names.printable(column)).append('"');
        }
        if (row >= 0) {
            context.put("row", row);
            detail.append(", row ").append(row);
        }
        int offset = fault.offset - bodyStart;
        context.put("reason", fault.reason);
        context.put("offset", offset);
        detail.append(detail.isEmpty() ? "" : ": ").append(fault.reason).append(" at byte ").append(offset);
        return new WeirException(IngestError.INVALID_MESSAGEPACK, detail.toString(), context);
    }
}
