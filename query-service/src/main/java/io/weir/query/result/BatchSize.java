package io.weir.query.result;

import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/** How much of a batch fits. */
final class BatchSize {

    private BatchSize() {}

    /** Rows of a batch that make about {@code bytes}, taken all alike; 1 or more. */
    static int rows(VectorSchemaRoot batch, int bytes) {
        long total = 0;
        for (FieldVector vector : batch.getFieldVectors()) {
            total += vector.getBufferSize();
        }
        long rows = (long) bytes * batch.getRowCount() / Math.max(1, total);
        return (int) Math.max(1, Math.min(rows, batch.getRowCount()));
    }
}
