package io.weir.ingest.decode;

import io.weir.common.schema.MeasurementSchema;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What a row of a MessagePack body of 5,000 rows costs, fed as a request is, of a known schema. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MessagePackDecoderBenchmark {

    private static final int PIECE = 64 << 10;

    @Param({"cpu", "sensor"})
    public String shape;

    @Param({"columnar", "rows"})
    public String form;

    private final byte[] scratch = new byte[PIECE];
    private byte[] body = {};
    private DecodeOptions options = DecodeOptions.of(Precision.MICROSECOND, 0);

    /** Makes the body and the schema it has. */
    @Setup
    public void generate() {
        BenchmarkRows rows = new BenchmarkRows(shape);
        body = form.equals("columnar") ? rows.columnar() : rows.rows();
        options = options.withBodyBytes(body.length);
        DecodedWrite first = decode();
        MeasurementSchema schema = MeasurementSchema.of(first.batches().get(0).columns(), false);
        options = options.withSchemas(name -> schema);
        System.out.printf("columnBytes %d a row%n", first.batches().get(0).sizeBytes() / first.acceptedRows());
    }

    /** Decodes 5,000 rows; the figure is for one. */
    @Benchmark
    @OperationsPerInvocation(BenchmarkRows.ROWS)
    public DecodedWrite decode() {
        MessagePackDecoder decoder = new MessagePackDecoder(options);
        for (int at = 0; at < body.length; at += PIECE) {
            int length = Math.min(PIECE, body.length - at);
            System.arraycopy(body, at, scratch, 0, length);
            decoder.feed(scratch, 0, length);
        }
        return decoder.finish();
    }
}
