package io.weir.query.cache;

import io.weir.common.auth.DatabasePattern;
import io.weir.common.auth.Grant;
import io.weir.common.auth.Permission;
import io.weir.common.auth.Principal;
import io.weir.common.cache.SharedCache;
import io.weir.common.signal.Signals;
import io.weir.query.TestTables;
import io.weir.query.engine.Query;
import io.weir.query.engine.QueryRunner;
import io.weir.query.plan.QueryParameters;
import io.weir.query.result.NumberForm;
import io.weir.query.result.ResultFormat;
import io.weir.query.result.RowLimit;
import io.weir.query.result.compress.CompressedReader;
import io.weir.query.result.compress.ResultCompression;
import io.weir.query.result.compress.ResultCompressor;
import io.weir.query.snapshot.SnapshotReader;
import io.weir.query.snapshot.TableResolver;
import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.DuckDbSettings;
import io.weir.storage.duckdb.ResultReader;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Flux;

/** A cache in front of a real engine over {@link TestTables}, and counts of what reaches the engine. */
final class CacheRig implements AutoCloseable {

    static final String DATABASE = "main";

    final TestTables tables;
    final DuckDbEngine engine;
    final QueryRunner runner;
    final QueryCache cache;
    private final TableResolver resolver;
    final AtomicLong nanos = new AtomicLong();
    final AtomicInteger runs = new AtomicInteger();

    CacheRig(Path directory, QueryCacheSettings settings) {
        this(directory, settings, null, Signals.NONE);
    }

    CacheRig(Path directory, QueryCacheSettings settings, @Nullable SharedCache second, Signals signals) {
        tables = new TestTables(directory.resolve("disks"));
        engine = DuckDbEngine.open(new DuckDbSettings(
                List.of(directory.resolve("disks")),
                directory.resolve("spill"),
                256L << 20,
                2,
                4,
                256,
                Duration.ofSeconds(30),
                Duration.ofSeconds(30)));
        resolver = new TableResolver(tables, new SnapshotReader(tables, tables));
        runner = new QueryRunner(engine, tables, resolver, true);
        cache = new QueryCache(runner, resolver, settings, second, signals, nanos::get);
    }

    /** Settings with that much memory and those bounds. */
    static QueryCacheSettings settings(long memory, long largest, int entries, int perOrganisation) {
        return new QueryCacheSettings(
                true,
                DataSize.ofBytes(memory),
                DataSize.ofBytes(largest),
                entries,
                perOrganisation,
                Duration.ofMinutes(10),
                Duration.ofMinutes(1),
                Duration.ofSeconds(15),
                List.of());
    }

    static QueryCacheSettings settings() {
        return settings(32 << 20, 4 << 20, 10_000, 1_000);
    }

    /** A question as NDJSON, uncompressed. */
    CacheRequest request(String sql) {
        return request(TestTables.ORGANISATION, sql, ResultCompression.NONE, Long.MAX_VALUE, Duration.ofSeconds(60));
    }

    CacheRequest request(
            String organisation, String sql, ResultCompression compression, long maxRows, Duration timeout) {
        return request(organisation, sql, QueryParameters.none(), ResultFormat.NDJSON, compression, maxRows, timeout);
    }

    CacheRequest request(
            String organisation,
            String sql,
            QueryParameters parameters,
            ResultFormat format,
            ResultCompression compression,
            long maxRows,
            Duration timeout) {
        RowLimit limit = new RowLimit(maxRows, Long.MAX_VALUE);
        ResultReader<byte[]> encoder = counted(format.encoder(limit, System.nanoTime()));
        ResultCompressor compressor = compression == ResultCompression.NONE ? null : ResultCompressor.of(compression);
        return new CacheRequest(
                new Query(Principal.unrestricted(organisation, "tester"), DATABASE, sql, parameters, timeout),
                format,
                NumberForm.NUMBER,
                compression,
                limit,
                compressor == null ? encoder : new CompressedReader(encoder, compressor),
                compressor,
                false);
    }

    /** The same question, asked by that caller. */
    CacheRequest request(Principal caller, String sql) {
        CacheRequest of = request(sql);
        Query query = new Query(
                caller, DATABASE, sql, QueryParameters.none(), of.query().timeout());
        return new CacheRequest(
                query, of.format(), of.numbers(), of.compression(), of.limit(), of.reader(), of.compressor(), false);
    }

    /** One who may read databases of that name only. */
    static Principal reader(String databases) {
        Grant reading = new Grant(new DatabasePattern(databases), Set.of(Permission.READ));
        return new Principal(TestTables.ORGANISATION, "reader", databases, List.of(reading), false);
    }

    private ResultReader<byte[]> counted(ResultReader<byte[]> reader) {
        AtomicInteger reads = new AtomicInteger();
        return cursor -> {
            if (reads.getAndIncrement() == 0) {
                runs.incrementAndGet();
            }
            return reader.read(cursor);
        };
    }

    Answer ask(String sql) {
        return ask(request(sql));
    }

    /** The cache of another process over the same tables. */
    QueryCache another(QueryCacheSettings settings, SharedCache second, Signals signals) {
        return new QueryCache(runner, resolver, settings, second, signals, nanos::get);
    }

    Answer ask(CacheRequest request) {
        return ask(cache, request);
    }

    Answer ask(QueryCache asked, CacheRequest request) {
        AnswerSource source = new AnswerSource();
        byte[] body = joined(asked.answer(request, source));
        return new Answer(source.kind(), body, source.rows(request.limit()), source.truncated(request.limit()));
    }

    /** The same question, past the cache. */
    String uncached(String sql) {
        return new String(joined(runner.run(request(sql).query(), request(sql).reader())), StandardCharsets.UTF_8);
    }

    static byte[] joined(Flux<byte[]> body) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        body.doOnNext(all::writeBytes).blockLast(Duration.ofSeconds(60));
        return all.toByteArray();
    }

    record Answer(AnswerSource.Kind kind, byte[] body, long rows, boolean truncated) {

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        engine.close();
    }
}
