package io.weir.query.result;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/** Writes the rows of the engine's current batch, by number, to a Parquet file. */
final class ParquetRowSupport extends WriteSupport<Integer> {

    private static final String NAME = "result";

    private final List<ParquetColumn> columns;
    private final RowLimit limit;
    private @Nullable RecordConsumer consumer;

    ParquetRowSupport(List<ParquetColumn> columns, RowLimit limit) {
        this.columns = columns;
        this.limit = limit;
    }

    @Override
    @SuppressWarnings("deprecation") // and abstract nevertheless
    public WriteContext init(Configuration configuration) {
        return context();
    }

    @Override
    public WriteContext init(ParquetConfiguration configuration) {
        return context();
    }

    private WriteContext context() {
        return new WriteContext(
                new MessageType(NAME, columns.stream().map(ParquetColumn::type).toList()), Map.of());
    }

    @Override
    public void prepareForWrite(RecordConsumer recordConsumer) {
        consumer = recordConsumer;
    }

    @Override
    public void write(Integer row) {
        RecordConsumer out = Objects.requireNonNull(consumer, "called after prepareForWrite");
        out.startMessage();
        for (int i = 0; i < columns.size(); i++) {
            columns.get(i).write(out, i, row);
        }
        out.endMessage();
    }

    @Override
    public FinalizedWriteContext finalizeWrite() {
        Map<String, String> footer = new HashMap<>();
        footer.put("weir.row_count", Long.toString(limit.rows()));
        if (limit.truncated()) {
            footer.put("weir.truncated", "true");
        }
        return new FinalizedWriteContext(footer);
    }
}
