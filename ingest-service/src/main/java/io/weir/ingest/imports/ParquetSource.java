package io.weir.ingest.imports;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.Names;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.ingest.decode.DecodeLimits;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.DecodedWrite;
import io.weir.ingest.decode.LineError;
import io.weir.ingest.decode.Precision;
import io.weir.ingest.decode.Utf8;
import io.weir.storage.parquet.reading.IntegerTimes;
import io.weir.storage.parquet.reading.ParquetRows;
import io.weir.storage.parquet.reading.ParquetRowsOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A Parquet file: pieces are as many rows of one row group as fill a batch of one chunk. The place in the file is the number
 * of its rows that were stored or rejected; its offset in bytes is the same share of the file, for people.
 */
final class ParquetSource implements ImportSource {

    /** Also bad rows, which take no room in a batch, come to an end. */
    private static final int MAX_ROWS = 1 << 16;

    private final ParquetRows rows;
    private final ImportRequest request;
    private final long chunk;
    private final long fileBytes;

    private ParquetSource(ParquetRows rows, ImportRequest request, long chunk, long fileBytes) {
        this.rows = rows;
        this.request = request;
        this.chunk = chunk;
        this.fileBytes = fileBytes;
    }

    static ParquetSource open(ImportRequest request, Path file, ImportSettings settings) throws IOException {
        long bytes = Files.size(file);
        if (bytes == 0) {
            throw new WeirException(CommonError.INVALID_REQUEST, "the body is no Parquet: it is empty");
        }
        ParquetRowsOptions options = new ParquetRowsOptions(
                request.timeColumn(),
                request.tags(),
                times(request.precision()),
                Utf8::firstInvalid,
                settings.rowGroup().toBytes(),
                DecodeLimits.DEFAULT.maxColumns());
        return new ParquetSource(
                ParquetRows.open(file, options), request, settings.chunk().toBytes(), bytes);
    }

    private static IntegerTimes times(Precision precision) {
        return new IntegerTimes() {
            @Override
            public boolean holds(long time) {
                return precision.holds(time);
            }

            @Override
            public long toNanos(long time) {
                return precision.toNanos(time);
            }
        };
    }

    @Override
    public ImportProgress start(ImportProgress done) {
        return at(done.rowsStored(), done.rowsRejected());
    }

    @Override
    public boolean isDone(ImportProgress at) {
        return at.rows() >= rows.rows();
    }

    @Override
    public void load(ImportProgress from) throws IOException {
        rows.load(from.rows());
    }

    @Override
    public DecodedWrite decode(ImportProgress from, DecodeOptions options) {
        List<ColumnType> types = types(options);
        List<LineError> errors = new ArrayList<>();
        BatchBuilder batch = new BatchBuilder(request.measurement(), options.memory());
        int read = rows.read(batch, types, chunk, MAX_ROWS, (row, message) -> {
            if (errors.size() < options.limits().maxErrors()) {
                errors.add(new LineError(lineOf(row), 1, LineError.Kind.SYNTAX, message, ""));
            }
        });
        int accepted = batch.rows();
        long building = batch.sizeBytes();
        List<ColumnBatch> batches = new ArrayList<>();
        if (accepted > 0) {
            batches.add(batch.build());
        }
        options.memory().accept((accepted > 0 ? batches.get(0).sizeBytes() : 0) - building);
        return new DecodedWrite(batches, accepted, read - accepted, errors);
    }

    /** What each column becomes: what the measurement has, where the file's values fit that. */
    private List<ColumnType> types(DecodeOptions options) {
        MeasurementSchema schema = options.schemas().find(request.measurement());
        int total = schema == null ? 0 : schema.columns().size();
        List<ColumnType> types = new ArrayList<>();
        for (Column column : rows.columns()) {
            Column stored = schema == null ? null : schema.find(column.name());
            total += stored == null ? 1 : 0;
            types.add(type(column, stored));
        }
        if (total > options.limits().maxColumns()) {
            throw invalid("measurement \"" + Names.printable(request.measurement()) + "\" would have " + total
                    + " columns (expected: at most " + options.limits().maxColumns() + ")");
        }
        return types;
    }

    private static ColumnType type(Column column, @Nullable Column stored) {
        ColumnType found = column.type();
        if (stored == null || stored.type() == found) {
            return found;
        }
        boolean fits = switch (stored.type()) {
            case FLOAT64 -> found == ColumnType.INT64 || found == ColumnType.UINT64;
            case TAG -> found == ColumnType.STRING;
            default -> false;
        };
        if (!fits) {
            throw invalid("column \"" + Names.printable(column.name()) + "\" of the file is of type " + found.noun()
                    + " (expected: " + stored.type().noun() + ", as the measurement has it)");
        }
        return stored.type();
    }

    private static WeirException invalid(String detail) {
        return new WeirException(CommonError.INVALID_REQUEST, detail);
    }

    @Override
    public ImportProgress after(ImportProgress from, DecodedWrite done) {
        return at(from.rowsStored() + done.acceptedRows(), from.rowsRejected() + done.rejectedRows());
    }

    private ImportProgress at(long stored, long rejected) {
        long row = stored + rejected;
        long offset = row >= rows.rows() ? fileBytes : (long) (fileBytes * (row / (double) rows.rows()));
        return new ImportProgress(offset, lineOf(row + 1), stored, rejected);
    }

    /** Lines are counted in 32 bits; messages say the row whatever its number. */
    private static int lineOf(long row) {
        return (int) Math.min(row, Integer.MAX_VALUE);
    }

    @Override
    public void close() throws IOException {
        rows.close();
    }
}
