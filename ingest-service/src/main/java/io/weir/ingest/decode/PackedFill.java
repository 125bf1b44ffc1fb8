package io.weir.ingest.decode;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.SeriesTableBuilder;
import io.weir.common.batch.StringColumn;
import io.weir.common.schema.ColumnType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Second pass over a MessagePack request: decodes what the survey found sound. */
final class PackedFill implements PackedVisitor {

    /** Classes of values that are times in any unit. */
    private static final int TIME_CLASSES = PackedColumn.INTEGER | PackedColumn.NEGATIVE | PackedScan.NIL;

    private final MessagePackCursor cursor;
    private final PackedPlace place;
    private final DecodeOptions options;
    private final PackedTimes rowTimes;
    private final PackedColumnReader reader;
    private final List<ColumnBatch> batches = new ArrayList<>();
    private final List<NewTexts> newTexts = new ArrayList<>();
    private long rows;
    private long @Nullable [] micros;
    private short @Nullable [] nanos;

    PackedFill(MessagePackCursor cursor, PackedPlace place, DecodeOptions options, PackedTimes rowTimes) {
        this.cursor = cursor;
        this.place = place;
        this.options = options;
        this.rowTimes = rowTimes;
        this.reader = new PackedColumnReader(cursor, place, options.memory());
    }

    /** The batches so far; those of rows are added as they fill up, and by {@link #close}. */
    List<ColumnBatch> batches() {
        return batches;
    }

    /** Remembers the columns of texts that were decoded, once all of the request was found sound. */
    void learn() {
        KnownSeries known = options.series();
        if (known != null) {
            for (NewTexts texts : newTexts) {
                known.texts().learn(cursor.bytes(), texts.from, texts.to, texts.column);
            }
        }
    }

    /** Rows decoded so far. */
    long rows() {
        return rows;
    }

    @Override
    public void columns(PackedItem item, PackedMeasurement measurement) {
        SeriesTableBuilder series = new SeriesTableBuilder(options.memory());
        List<FieldColumn> fields = new ArrayList<>();
        int count = 0;
        micros = null;
        nanos = null;
        cursor.seek(item.columns());
        PackedArrays arrays = item.arrays();
        PackedLikeness likeness = new PackedLikeness(options.memory());
        PackedTags tags = new PackedTags(cursor, place, series, likeness, options.memory());
        int columns = cursor.readMap();
        for (int index = 0; index < columns; index++) {
            int key = cursor.position();
            cursor.readText();
            place.column(cursor);
            PackedColumn column = cursor.isText(PackedVisitor.TIME) ? null : measurement.column(cursor);
            KnownTexts.Texts known = arrays.texts(index);
            count = cursor.readArray();
            ColumnType type = column == null ? null : column.type();
            if (column == null) {
                times(count, arrays.classes(index));
            } else if (type == ColumnType.TAG) {
                int tag = series.tag(column.name);
                StringColumn texts = known != null ? known.column() : reader.coded(column.name, count, likeness);
                if (texts == null || texts.codes() == null) {
                    tags.read(tag, count);
                } else {
                    tags.take(tag, texts, count);
                    cursor.seek(arrays.end(index));
                    if (known == null && texts.texts().size() > 0) {
                        newTexts.add(new NewTexts(key, cursor.position(), texts));
                    }
                }
            } else if (type == ColumnType.STRING && known != null) {
                fields.add(known.column());
                cursor.seek(arrays.end(index));
            } else {
                FieldColumn field = type == null
                        ? nothing(count)
                        : reader.field(column.name, type, count, arrays.textBytes(index), likeness);
                if (field != null) {
                    fields.add(field);
                }
                if (field instanceof StringColumn texts) {
                    newTexts.add(new NewTexts(key, cursor.position(), texts));
                }
            }
        }
        if (count > 0) {
            long[] times = micros == null ? missingTimes(count) : micros;
            int[] seriesOfRow = tags.seriesOfRows(count);
            batches.add(new ColumnBatch(measurement.name, count, times, nanos, series.build(), seriesOfRow, fields));
            rows += count;
        }
    }

    @Override
    public void row(PackedItem item, PackedMeasurement measurement) {
        BatchBuilder builder = measurement.rows();
        SeriesTableBuilder series = builder.series();
        if (item.tags() >= 0) {
            cursor.seek(item.tags());
            for (int left = cursor.skipNil() ? 0 : cursor.readMap(); left > 0; left--) {
                PackedColumn column = nextColumn(measurement);
                if (!cursor.skipNil()) {
                    tag(series, column);
                }
            }
        }
        int number = series.intern();
        cursor.seek(item.fields());
        for (int left = cursor.readMap(); left > 0; left--) {
            PackedColumn column = nextColumn(measurement);
            if (!cursor.skipNil()) {
                field(builder, column);
            }
        }
        place.noColumn();
        long time = rowTimes.missing();
        if (item.time() >= 0) {
            cursor.seek(item.time());
            time = rowTimes.read(cursor);
        }
        long timeMicros = Math.floorDiv(time, 1_000L);
        builder.endRow(number, timeMicros, (int) (time - timeMicros * 1_000));
        rows++;
        if (builder.sizeBytes() >= options.limits().maxBatchBytes()) {
            close(measurement);
        }
    }

    /** Adds the batch of rows of that measurement, if it has one. */
    void close(PackedMeasurement measurement) {
        BatchBuilder builder = measurement.begunRows();
        if (builder != null) {
            batches.add(builder.build());
            measurement.endRows();
        }
    }

    private PackedColumn nextColumn(PackedMeasurement measurement) {
        cursor.readText();
        place.column(cursor);
        PackedColumn column = measurement.column(cursor);
        return column;
    }

    private void tag(SeriesTableBuilder series, PackedColumn column) {
        if (column.index < 0) {
            column.index = series.tag(column.name);
        }
        cursor.readText();
        requireUtf8();
        if (cursor.textStart() < cursor.textEnd()) {
            int code = series.code(column.index, cursor.bytes(), cursor.textStart(), cursor.textEnd());
            series.stage(column.index, code);
        }
    }

    private void field(BatchBuilder builder, PackedColumn column) {
        ColumnType type = column.type();
        if (type == null) {
            throw new IllegalStateException("column " + column.name + " has a value the survey did not see");
        }
        if (column.index < 0) {
            column.index = builder.field(column.name, type);
        }
        switch (type) {
            case INT64, UINT64 -> builder.setLong(column.index, cursor.readInteger());
            case FLOAT64 -> builder.setDouble(column.index, PackedColumnReader.number(cursor));
            case BOOLEAN -> builder.setBoolean(column.index, cursor.readBoolean());
            default -> {
                cursor.readText();
                requireUtf8();
                builder.setString(column.index, cursor.bytes(), cursor.textStart(), cursor.textEnd());
            }
        }
    }

    private void requireUtf8() {
        int invalid = Utf8.firstInvalid(cursor.bytes(), cursor.textStart(), cursor.textEnd());
        if (invalid >= 0) {
            throw new MessagePackFault(invalid, "string is not UTF-8");
        }
    }

    private void times(int count, int classes) {
        PackedTimes times = new PackedTimes(options);
        if (!times.knowsUnit() || (classes & ~TIME_CLASSES) != 0) {
            int start = cursor.position();
            for (int row = 0; row < count; row++) {
                place.row(row);
                times.see(cursor);
            }
            cursor.seek(start);
        }
        options.memory().accept(8L * count);
        long[] whole = new long[count];
        nanos = null;
        for (int row = 0; row < count; row++) {
            place.row(row);
            long time = times.read(cursor);
            whole[row] = Math.floorDiv(time, 1_000L);
            int rest = (int) (time - whole[row] * 1_000);
            if (rest != 0) {
                if (nanos == null) {
                    options.memory().accept(2L * count);
                    nanos = new short[count];
                }
                nanos[row] = (short) rest;
            }
        }
        micros = whole;
    }

    private long[] missingTimes(int count) {
        long time = rowTimes.missing();
        long whole = Math.floorDiv(time, 1_000L);
        options.memory().accept(10L * count);
        long[] times = new long[count];
        Arrays.fill(times, whole);
        if (time != whole * 1_000) {
            nanos = new short[count];
            Arrays.fill(nanos, (short) (time - whole * 1_000));
        }
        return times;
    }

    private @Nullable FieldColumn nothing(int count) {
        for (int row = 0; row < count; row++) {
            cursor.skip();
        }
        return null;
    }

    /** A column that was decoded and where it stands, its name first. */
    private record NewTexts(int from, int to, StringColumn column) {}
}
