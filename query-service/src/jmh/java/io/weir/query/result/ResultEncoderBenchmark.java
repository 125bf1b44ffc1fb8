package io.weir.query.result;

import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.DuckDbSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
import org.openjdk.jmh.annotations.TearDown;

/** What a row of a time, a tag and ten fields costs from the engine to the bytes of a format. The engine makes it meanwhile. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ResultEncoderBenchmark {

    private static final int ROWS = 1_000_000;

    @Param({"NDJSON", "CSV", "JSON", "ARROW", "MSGPACK"})
    public ResultFormat format;

    @Param({"(range * %d) %% 101", "(range * %d) / 1000.0::DOUBLE"})
    public String field;

    private DuckDbEngine engine;
    private String sql;

    @Setup
    public void open() throws IOException {
        Path directory = Files.createTempDirectory("weir-benchmark");
        engine = DuckDbEngine.open(new DuckDbSettings(
                List.of(directory),
                directory.resolve("spill"),
                512L << 20,
                2,
                1,
                1,
                Duration.ofSeconds(10),
                Duration.ofSeconds(60)));
        StringBuilder select = new StringBuilder(
                "SELECT make_timestamptz(range * 1000000) AS time, 'host_' || range % 1000 AS hostname");
        for (int i = 1; i <= 10; i++) {
            select.append(", ")
                    .append(String.format(field, i + 6))
                    .append(" AS usage_")
                    .append(i);
        }
        sql = select.append(" FROM range(").append(ROWS).append(")").toString();
    }

    @TearDown
    public void close() {
        engine.close();
    }

    @Benchmark
    @OperationsPerInvocation(ROWS)
    public Long encode() {
        RowLimit limit = new RowLimit(Long.MAX_VALUE, Long.MAX_VALUE);
        return engine.withSession(
                        Duration.ofMinutes(5),
                        session -> session.stream(sql, List.of(), format.encoder(limit, System.nanoTime())))
                .reduce(0L, (bytes, chunk) -> bytes + chunk.length)
                .block();
    }
}
