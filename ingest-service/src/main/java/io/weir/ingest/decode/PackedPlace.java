package io.weir.ingest.decode;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.weir.common.error.WeirException;
import io.weir.common.model.Names;
import io.weir.ingest.IngestError;
import java.util.HashMap;
import java.util.Map;

/** Where in a MessagePack request a decoder is, for messages. */
final class PackedPlace {

    private int item;
    private int row;
    private int columnStart = -1;
    private int columnEnd;

    /** Before the first item. */
    void reset() {
        item = -1;
        noColumn();
    }

    /** At the next item. */
    void nextItem() {
        item++;
        noColumn();
    }

    /** Back at the item before: a batch is not an item itself. */
    void previousItem() {
        item--;
    }

    /** Number of the item, from 0. */
    int item() {
        return item;
    }

    /** In the column whose name the cursor read last. */
    void column(MessagePackCursor cursor) {
        columnStart = cursor.textStart();
        columnEnd = cursor.textEnd();
        row = -1;
    }

    /** In no column in particular. */
    void noColumn() {
        columnStart = -1;
        row = -1;
    }

    /** At that value of the column. */
    void row(int index) {
        row = index;
    }

    /** The answer to the client for a fault found here. */
    WeirException answer(MessagePackFault fault, byte[] bytes, int bodyStart) {
        Map<String, Object> context = new HashMap<>();
        StringBuilder detail = new StringBuilder();
        if (item >= 0) {
            context.put("index", item);
            detail.append("item ").append(item);
        }
        if (columnStart >= 0) {
            String column = Names.printable(new String(bytes, columnStart, columnEnd - columnStart, UTF_8));
            context.put("column", column);
            detail.append(", column \"").append(column).append('"');
        }
        if (row >= 0) {
            context.put("row", row);
            detail.append(", row ").append(row);
        }
        int offset = fault.offset - bodyStart;
        context.put("reason", fault.reason);
        context.put("offset", offset);
        detail.append(detail.isEmpty() ? "" : ": ")
                .append(fault.reason)
                .append(" at byte ")
                .append(offset);
        return new WeirException(IngestError.INVALID_MESSAGEPACK, detail.toString(), context);
    }
}
