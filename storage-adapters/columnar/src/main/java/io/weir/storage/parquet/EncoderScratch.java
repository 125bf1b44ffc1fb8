package io.weir.storage.parquet;

import io.weir.common.batch.FieldColumn;

/** Buffers for the values of one column in one row group, shared by all encoders of a file one after the other. */
final class EncoderScratch {

    private final long[] numbers;
    private final int[] codes;
    private final Presence presence;
    private final BatchOrder order;
    private final NumberDictionary numberDictionary = new NumberDictionary();
    private final Utf8Interner strings = new Utf8Interner();

    /** @param rows most rows of a row group */
    EncoderScratch(int rows) {
        this.numbers = new long[rows];
        this.codes = new int[rows + 8];
        this.presence = new Presence(rows);
        this.order = new BatchOrder(rows);
    }

    /** Starts the row group of sorted rows {@code [from, to)}. */
    void startRowGroup(SortedRows rows, int from, int to) {
        order.take(rows, from, to);
    }

    /** The rows of the row group by batch. */
    BatchOrder order() {
        return order;
    }

    /** Takes the values of that batch's rows: it lacks the field. */
    void removeAll(int batch) {
        for (int i = order.start(batch); i < order.start(batch + 1); i++) {
            presence.removeAt(order.places()[i]);
        }
    }

    /** Takes the values of that batch's rows which are null in {@code field}. */
    void removeNulls(FieldColumn field, int batch) {
        if (field.validity() == null) {
            return;
        }
        for (int i = order.start(batch); i < order.start(batch + 1); i++) {
            if (field.isNull(order.rows()[i])) {
                presence.removeAt(order.places()[i]);
            }
        }
    }

    /** Values that are present, in row order: integers, or doubles by their bits. */
    long[] numbers() {
        return numbers;
    }

    /** Dictionary codes of values that are present, in row order; has room for 8 more. */
    int[] codes() {
        return codes;
    }

    Presence presence() {
        return presence;
    }

    NumberDictionary numberDictionary() {
        return numberDictionary;
    }

    Utf8Interner strings() {
        return strings;
    }
}
