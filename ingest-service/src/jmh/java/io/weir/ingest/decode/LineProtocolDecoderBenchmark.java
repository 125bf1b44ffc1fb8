package io.weir.ingest.decode;

import io.weir.common.model.DatabaseId;
import io.weir.common.schema.MeasurementSchema;
import java.util.List;
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
import org.openjdk.jmh.infra.Blackhole;

/**
 * What a row of line protocol costs, from the pieces of a network to batches of a known schema: a new decoder a body, fed
 * through a scratch array as a request is. {@code remembered} says whether earlier requests had the same series. Compare
 * {@code gc.alloc.rate.norm} with {@code columnBytes}, what the columns themselves take: the rest is garbage.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LineProtocolDecoderBenchmark {

    private static final int PIECE = 64 << 10;

    @Param({"cpu", "sensor"})
    public String shape;

    @Param({"5000", "100", "1"})
    public int rowsPerBody;

    @Param({"true", "false"})
    public boolean remembered;

    private final byte[] scratch = new byte[PIECE];
    private final SeriesMemory memory = new SeriesMemory(64L << 20, delta -> {});
    private List<byte[]> bodies = List.of();
    private DecodeOptions options = DecodeOptions.of(Precision.NANOSECOND, 0);

    /** Makes the bodies and the schema they have. */
    @Setup
    public void generate() {
        bodies = new BenchmarkRows(shape).lineProtocol(rowsPerBody);
        DecodedWrite first = decode(bodies.get(0));
        MeasurementSchema schema = MeasurementSchema.of(first.batches().get(0).columns(), false);
        options = options.withSchemas(name -> schema);
        System.out.printf("columnBytes %d a row%n", first.batches().get(0).sizeBytes() / first.acceptedRows());
    }

    /** Decodes 5,000 rows; the figure is for one. */
    @Benchmark
    @OperationsPerInvocation(BenchmarkRows.ROWS)
    public void decode(Blackhole sink) {
        for (byte[] body : bodies) {
            sink.consume(decode(body));
        }
    }

    private DecodedWrite decode(byte[] body) {
        DecodeOptions request = options.withBodyBytes(body.length);
        if (remembered) {
            request = request.withSeries(memory.of(new DatabaseId("org", "db")));
        }
        LineProtocolDecoder decoder = new LineProtocolDecoder(request);
        for (int at = 0; at < body.length; at += PIECE) {
            int length = Math.min(PIECE, body.length - at);
            System.arraycopy(body, at, scratch, 0, length);
            decoder.feed(scratch, 0, length);
        }
        return decoder.finish();
    }
}
