package io.weir.storage.parquet;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.dataset.file.FileFormat;
import org.apache.arrow.dataset.file.FileSystemDatasetFactory;
import org.apache.arrow.dataset.jni.NativeMemoryPool;
import org.apache.arrow.dataset.scanner.ScanOptions;
import org.apache.arrow.dataset.scanner.Scanner;
import org.apache.arrow.dataset.source.Dataset;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TimeStampMicroTZVector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.ipc.ArrowReader;

/** Reads a data file with Arrow's own Parquet reader, which is C++ and shares no code with the other two. */
final class ArrowDatasetReader implements AutoCloseable {

    private final BufferAllocator allocator = new RootAllocator();

    /** Cells by row; columns in file order, like {@link Point#cells}. */
    List<List<Object>> rows(Path file) throws Exception {
        List<List<Object>> rows = new ArrayList<>();
        try (FileSystemDatasetFactory factory = new FileSystemDatasetFactory(
                        allocator,
                        NativeMemoryPool.getDefault(),
                        FileFormat.PARQUET,
                        file.toUri().toString());
                Dataset dataset = factory.finish();
                Scanner scanner = dataset.newScan(new ScanOptions(1 << 15));
                ArrowReader reader = scanner.scanBatches()) {
            while (reader.loadNextBatch()) {
                List<FieldVector> columns = reader.getVectorSchemaRoot().getFieldVectors();
                for (int row = 0; row < reader.getVectorSchemaRoot().getRowCount(); row++) {
                    Object[] cells = new Object[columns.size()];
                    for (int i = 0; i < cells.length; i++) {
                        cells[i] = columns.get(i).isNull(row) ? null : cell(columns.get(i), row);
                    }
                    rows.add(Arrays.asList(cells));
                }
            }
        }
        return rows;
    }

    private static Object cell(FieldVector column, int row) {
        if (column instanceof TimeStampMicroTZVector times) {
            return times.get(row);
        } else if (column instanceof SmallIntVector nanos) {
            return (int) nanos.get(row);
        } else if (column instanceof BigIntVector integers) {
            return integers.get(row);
        } else if (column instanceof UInt8Vector unsigned) {
            return unsigned.get(row);
        } else if (column instanceof Float8Vector doubles) {
            return "bits " + Double.doubleToLongBits(doubles.get(row));
        } else if (column instanceof BitVector booleans) {
            return booleans.get(row) == 1;
        }
        return new String(((VarCharVector) column).get(row), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        allocator.close();
    }
}
