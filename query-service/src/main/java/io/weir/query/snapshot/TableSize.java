package io.weir.query.snapshot;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.common.schema.MeasurementSchema;
import java.util.List;

/**
 * How large one measurement is, each row counted once.
 *
 * @param table the measurement, in its own case
 * @param schema its columns
 * @param files files that may have rows of the range and the tags asked for
 * @param rows rows in them, and hot rows of batches that overlap it
 * @param hotRows those of the rows that are in no file yet
 * @param bytes size of the files
 * @param times earliest to latest time among them; empty when there are no rows
 */
public record TableSize(
        TableId table, MeasurementSchema schema, int files, long rows, long hotRows, long bytes, TimeRange times) {

    static TableSize of(TableId table, StoredTable stored, List<ColumnBatch> hot, TimeRange range) {
        long rows = 0;
        long earliest = stored.times().fromMicros();
        long latest = stored.times().toMicros();
        for (ColumnBatch batch : hot) {
            if (range.overlaps(batch.minTimeMicros(), batch.maxTimeMicros())) {
                rows += batch.rows();
                earliest = Math.min(earliest, batch.minTimeMicros());
                latest = Math.max(latest, batch.maxTimeMicros());
            }
        }
        return new TableSize(
                table,
                stored.schema(),
                stored.files(),
                stored.rows() + rows,
                rows,
                stored.bytes(),
                new TimeRange(earliest, latest));
    }
}
