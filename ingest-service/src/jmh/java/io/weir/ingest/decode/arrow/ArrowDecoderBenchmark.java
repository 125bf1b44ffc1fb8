package io.weir.ingest.decode.arrow;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.Precision;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.TimeStampNanoVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Nanoseconds a row of an Arrow stream of 5,000 rows: {@code cpu} is 10 tags and 10 integers, {@code iot} 2 tags and 4
 * doubles. {@code arrowVector} reads the same stream with Arrow's own reader into the same kind of arrays, but leaves the
 * series of the rows undecided: it does less.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ArrowDecoderBenchmark {

    private static final int ROWS = 5_000;
    private static final int CHUNK = 64 << 10;

    @Param({"cpu", "iot"})
    public String shape = "cpu";

    private final BufferAllocator allocator = new RootAllocator();
    private byte[] stream = {};

    @Setup
    public void write() throws IOException {
        boolean cpu = shape.equals("cpu");
        int[] values = cpu ? new int[] {1_000, 9, 30, 100, 3, 2, 4, 20, 2, 3} : new int[] {1_000, 10};
        SplittableRandom random = new SplittableRandom(7);
        MapDictionaryProvider dictionaries = new MapDictionaryProvider();
        List<FieldVector> columns = new ArrayList<>();
        TimeStampNanoVector time = new TimeStampNanoVector("time", allocator);
        for (int row = 0; row < ROWS; row++) {
            time.setSafe(row, 1_700_000_000_000_000_000L + row / 1_000 * 10_000_000_000L);
        }
        columns.add(time);
        for (int tag = 0; tag < values.length; tag++) {
            DictionaryEncoding encoding = new DictionaryEncoding(tag, false, null);
            VarCharVector words = new VarCharVector("words", allocator);
            for (int i = 0; i < values[tag]; i++) {
                words.setSafe(i, ("value_" + tag + "_" + i).getBytes(UTF_8));
            }
            words.setValueCount(values[tag]);
            dictionaries.put(new Dictionary(words, encoding));
            IntVector indexes =
                    new IntVector("tag" + tag, new FieldType(true, new ArrowType.Int(32, true), encoding), allocator);
            for (int row = 0; row < ROWS; row++) {
                indexes.setSafe(row, row % 1_000 * (2 * tag + 1) % values[tag]);
            }
            columns.add(indexes);
        }
        for (int field = 0; field < (cpu ? 10 : 4); field++) {
            BigIntVector integers = new BigIntVector("field" + field, allocator);
            Float8Vector doubles = new Float8Vector("field" + field, allocator);
            for (int row = 0; row < ROWS; row++) {
                integers.setSafe(row, random.nextInt(100));
                doubles.setSafe(row, random.nextDouble());
            }
            columns.add(cpu ? integers : doubles);
            (cpu ? doubles : integers).close();
        }
        VectorSchemaRoot root = new VectorSchemaRoot(columns);
        root.setRowCount(ROWS);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ArrowStreamWriter writer = new ArrowStreamWriter(root, dictionaries, out)) {
            writer.writeBatch();
        }
        dictionaries.close();
        root.close();
        stream = out.toByteArray();
    }

    @TearDown
    public void close() {
        allocator.close();
    }

    @Benchmark
    @OperationsPerInvocation(ROWS)
    public Object weir() {
        ArrowStreamDecoder decoder = new ArrowStreamDecoder(
                DecodeOptions.of(Precision.AUTO, 0), new ArrowParameters("m", Set.of(), 64 << 20));
        for (int at = 0; at < stream.length; at += CHUNK) {
            decoder.feed(stream, at, Math.min(CHUNK, stream.length - at));
        }
        return decoder.finish();
    }

    @Benchmark
    @OperationsPerInvocation(ROWS)
    public Object arrowVector() throws IOException {
        List<Object> columns = new ArrayList<>();
        try (ArrowStreamReader reader = new ArrowStreamReader(new ByteArrayInputStream(stream), allocator)) {
            while (reader.loadNextBatch()) {
                int rows = reader.getVectorSchemaRoot().getRowCount();
                for (FieldVector vector : reader.getVectorSchemaRoot().getFieldVectors()) {
                    if (vector instanceof IntVector indexes) {
                        int[] codes = new int[rows];
                        for (int row = 0; row < rows; row++) {
                            codes[row] = indexes.isNull(row) ? -1 : indexes.get(row);
                        }
                        columns.add(codes);
                    } else if (vector instanceof Float8Vector doubles) {
                        double[] data = new double[rows];
                        for (int row = 0; row < rows; row++) {
                            data[row] = doubles.isNull(row) ? 0 : doubles.get(row);
                        }
                        columns.add(data);
                    } else {
                        long[] data = new long[rows];
                        for (int row = 0; row < rows; row++) {
                            data[row] = vector.isNull(row)
                                    ? 0
                                    : vector.getDataBuffer().getLong(8L * row);
                        }
                        columns.add(data);
                    }
                }
            }
        }
        return columns;
    }
}
