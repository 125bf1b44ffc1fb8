package io.weir.query.result;

import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.DuckDbSettings;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** An engine of a test, and what the encoders make of its results. */
final class EncodedResults implements AutoCloseable {

    private final DuckDbEngine engine;

    EncodedResults(Path directory) {
        engine = DuckDbEngine.open(new DuckDbSettings(
                List.of(directory.resolve("data")),
                directory.resolve("spill"),
                256L << 20,
                2,
                1,
                8,
                Duration.ofSeconds(5),
                Duration.ofSeconds(30)));
    }

    /** The chunks of a result. */
    List<byte[]> chunks(ResultFormat format, String sql, RowLimit limit, NumberForm numbers) {
        List<byte[]> chunks = engine.withSession(
                        Duration.ofSeconds(30),
                        session -> session.stream(sql, List.of(), format.encoder(limit, System.nanoTime(), numbers)))
                .collectList()
                .block();
        return chunks == null ? List.of() : chunks;
    }

    /** A whole result. */
    byte[] all(ResultFormat format, String sql) {
        return joined(chunks(format, sql, new RowLimit(Long.MAX_VALUE, Long.MAX_VALUE), NumberForm.NUMBER));
    }

    static byte[] joined(List<byte[]> chunks) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        chunks.forEach(all::writeBytes);
        return all.toByteArray();
    }

    @Override
    public void close() {
        engine.close();
    }
}
