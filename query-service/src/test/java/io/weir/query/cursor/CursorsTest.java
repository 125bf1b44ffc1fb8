package io.weir.query.cursor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.github.luben.zstd.ZstdInputStream;
import io.weir.common.auth.Grant;
import io.weir.common.auth.Principal;
import io.weir.common.error.WeirException;
import io.weir.common.model.TableId;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.query.QueryError;
import io.weir.query.TestTables;
import io.weir.query.engine.Query;
import io.weir.query.engine.QueryRunner;
import io.weir.query.plan.QueryParameters;
import io.weir.query.result.NumberForm;
import io.weir.query.result.ResultFormat;
import io.weir.query.result.RowLimit;
import io.weir.query.snapshot.SnapshotReader;
import io.weir.query.snapshot.TableResolver;
import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.DuckDbSettings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Pages of one snapshot, without gap or overlap, for one caller, for a while, in bounded room (Q5). */
@Timeout(180)
class CursorsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ME = "me";
    private static final Principal CALLER = caller(TestTables.ORGANISATION, ME, "t1");
    private static final String ALL = "SELECT n, host, v FROM cpu";

    @TempDir
    Path directory;

    private final WeirSchedulers schedulers = WeirSchedulers.forCores(2);
    private final TestClock clock = new TestClock();
    private TestTables tables;
    private DuckDbEngine engine;
    private QueryRunner runner;
    private Cursors cursors;
    private TableId cpu;

    private static final class TestClock extends Clock {

        private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

        void advance(Duration time) {
            now = now.plus(time);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }
    }

    @BeforeEach
    void open() {
        tables = new TestTables(directory.resolve("disks"));
        engine = DuckDbEngine.open(new DuckDbSettings(
                List.of(directory.resolve("disks")),
                directory.resolve("spill"),
                256L << 20,
                2,
                4,
                256,
                Duration.ofSeconds(60),
                Duration.ofSeconds(60)));
        runner = new QueryRunner(engine, tables, new TableResolver(tables, new SnapshotReader(tables, tables)), true);
        cursors = with(settings(100, 1_000, DataSize.ofMegabytes(200), DataSize.ofMegabytes(100)));
        cpu = tables.create("main", "cpu");
    }

    @AfterEach
    void close() throws Exception {
        cursors.close();
        await().atMost(PATIENCE).until(() -> engine.acquired() == 0);
        assertThat(tables.heldParts()).isZero();
        assertThat(cursors.bytes()).isZero();
        await().atMost(PATIENCE).until(() -> files() == 0);
        engine.close();
        schedulers.close();
    }

    private long files() throws Exception {
        try (Stream<Path> files = Files.list(directory.resolve("spill").resolve("cursors"))) {
            return files.count();
        }
    }

    private static CursorSettings settings(int perOrganisation, int all, DataSize bytes, DataSize bytesOfOne) {
        return new CursorSettings(
                Duration.ofMinutes(5),
                Duration.ofHours(1),
                all,
                perOrganisation,
                bytes,
                bytesOfOne,
                1_000_000,
                Duration.ofSeconds(10));
    }

    private Cursors with(CursorSettings settings) {
        return new Cursors(runner, settings, directory.resolve("spill").resolve("cursors"), schedulers.io(), clock);
    }

    private Query query(String sql) {
        return new Query(CALLER, "main", sql, QueryParameters.none(), PATIENCE);
    }

    private static Principal caller(String organisation, String name, String tokenId) {
        return new Principal(organisation, name, tokenId, List.of(Grant.ALL), false);
    }

    private PagedQuery paged(String sql, ResultFormat format, int pageRows) {
        return new PagedQuery(query(sql), format, NumberForm.NUMBER, pageRows, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    private Page first(PagedQuery query) {
        Page page = cursors.open(query, UNTRACKED).block(PATIENCE);
        assertThat(page).isNotNull();
        return page;
    }

    private static final Cursors.Tracking UNTRACKED = new Cursors.Tracking() {
        @Override
        public <T> Flux<T> track(LongSupplier rows, Flux<T> result) {
            return result;
        }
    };

    private Page next(Page page) {
        Page next = cursors.next(CALLER, page.next()).block(PATIENCE);
        assertThat(next).isNotNull();
        return next;
    }

    private static byte[] bytes(Flux<byte[]> body) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        body.doOnNext(all::writeBytes).blockLast(PATIENCE);
        return all.toByteArray();
    }

    private static String text(Page page) {
        return new String(bytes(page.raw()), StandardCharsets.UTF_8);
    }

    private String whole(String sql) {
        RowLimit limit = new RowLimit(Long.MAX_VALUE, Long.MAX_VALUE);
        return new String(bytes(runner.run(query(sql), ResultFormat.NDJSON.encoder(limit, 0))), StandardCharsets.UTF_8);
    }

    private void assertGone(String cursor) {
        assertThatThrownBy(() -> cursors.next(CALLER, cursor).block(PATIENCE))
                .isInstanceOfSatisfying(
                        WeirException.class, e -> assertThat(e.code()).isEqualTo(QueryError.CURSOR_GONE));
    }

    /** Rows come, are flushed and files are committed between any two pages, and the pages are the first moment's. */
    @Test
    void pagesOfARandomHistoryAreTheSnapshotOfTheFirstOne() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int rows = 0;
        for (int round = 0; round < 12; round++) {
            int more = 1 + random.nextInt(4_000);
            tables.write(cpu, rows, more);
            rows += more;
            if (random.nextBoolean()) {
                tables.flush(cpu);
            }
            // Without an order, and across batches of the engine; with all sizes, those of the whole result included.
            String sql = random.nextBoolean() ? ALL : ALL + " ORDER BY v DESC, n";
            int pageRows = switch (random.nextInt(4)) {
                case 0 -> rows;
                case 1 -> 4_096;
                default -> 1 + rows / (1 + random.nextInt(20));
            };
            List<String> expected = whole(sql).lines().sorted().toList();
            Page page = first(paged(sql, ResultFormat.NDJSON, pageRows));
            List<String> all = new ArrayList<>();
            long pages = 0;
            while (true) {
                pages++;
                List<String> lines = text(page).lines().toList();
                assertThat(page.rows()).as("seed %d", seed).isEqualTo(lines.size());
                all.addAll(lines);
                if (page.next() == null) {
                    break;
                }
                assertThat(lines)
                        .as("seed %d: a page that is not the last is full", seed)
                        .hasSize(pageRows);
                if (random.nextInt(3) == 0) {
                    tables.write(cpu, rows, 5);
                    rows += 5;
                }
                if (random.nextInt(5) == 0) {
                    tables.flush(cpu);
                }
                page = next(page);
            }
            assertThat(all.stream().sorted().toList()).as("seed %d", seed).isEqualTo(expected);
            assertThat(pages)
                    .as("seed %d: no empty last page", seed)
                    .isEqualTo((expected.size() + pageRows - 1) / pageRows);
        }
    }

    @Test
    void everyPageIsAWholeDocumentInEveryFormat() throws Exception {
        tables.write(cpu, 0, 10_000);
        for (ResultFormat format : ResultFormat.values()) {
            Page page = first(paged("SELECT n FROM cpu ORDER BY n", format, 4_000));
            List<Long> sizes = new ArrayList<>();
            List<byte[]> bodies = new ArrayList<>();
            for (Page at = page; at != null; at = at.next() == null ? null : next(at)) {
                sizes.add(at.rows());
                bodies.add(bytes(at.raw()));
                assertThat(new ZstdInputStream(new ByteArrayInputStream(bytes(at.packed()))).readAllBytes())
                        .as("%s, compressed", format)
                        .isEqualTo(bodies.get(bodies.size() - 1));
            }
            assertThat(sizes).as("%s", format).containsExactly(4_000L, 4_000L, 2_000L);
            long start = 0;
            for (int i = 0; i < bodies.size(); i++) {
                byte[] expected = bytes(runner.run(
                        query("SELECT n FROM cpu ORDER BY n LIMIT 4000 OFFSET " + start),
                        format.encoder(new RowLimit(Long.MAX_VALUE, Long.MAX_VALUE), 0)));
                start += sizes.get(i);
                switch (format) {
                    case NDJSON, CSV, JSON_ROWS ->
                        assertThat(bodies.get(i)).as("%s, page %d", format, i).isEqualTo(expected);
                    case JSON ->
                        assertThat(json(bodies.get(i)).path("data"))
                                .isEqualTo(json(expected).path("data"));
                    // Of these the bytes may differ: batches are cut elsewhere, and times are in them.
                    case ARROW -> assertThat(arrowRows(bodies.get(i))).isEqualTo(arrowRows(expected));
                    case MSGPACK, PARQUET -> assertThat(bodies.get(i).length).isBetween(100, expected.length * 2);
                }
            }
        }
    }

    private static List<Long> arrowRows(byte[] stream) throws Exception {
        List<Long> rows = new ArrayList<>();
        try (var allocator = new org.apache.arrow.memory.RootAllocator();
                var reader = new org.apache.arrow.vector.ipc.ArrowStreamReader(
                        new ByteArrayInputStream(stream), allocator)) {
            while (reader.loadNextBatch()) {
                var vector = reader.getVectorSchemaRoot().getVector(0);
                for (int i = 0; i < vector.getValueCount(); i++) {
                    rows.add(((Number) vector.getObject(i)).longValue());
                }
            }
        }
        return rows;
    }

    private static JsonNode json(byte[] body) {
        return JsonMapper.shared().readTree(body);
    }

    @Test
    void jsonTellsTheNextCursorAndTheLastPageHasNone() {
        tables.write(cpu, 0, 5);
        Page page = first(paged("SELECT n FROM cpu ORDER BY n", ResultFormat.JSON, 2));
        JsonNode document = json(bytes(page.raw()));
        assertThat(document.path("next_cursor").asString()).isEqualTo(page.next());
        assertThat(document.path("row_count").asInt()).isEqualTo(2);
        Page last = next(next(page));
        assertThat(json(bytes(last.raw())).has("next_cursor")).isFalse();
        assertThat(last.next()).isNull();
        assertThat(last.rows()).isEqualTo(1);
    }

    @Test
    void aPageMayBeReadAgain() {
        tables.write(cpu, 0, 100);
        Page second = next(first(paged(ALL, ResultFormat.NDJSON, 10)));
        String read = text(second);
        assertThat(text(second)).isEqualTo(read);
        assertThat(text(next(first(paged(ALL, ResultFormat.NDJSON, 10))))).isEqualTo(read);
    }

    @Test
    void aResultOfOnePageKeepsNothing() throws Exception {
        tables.write(cpu, 0, 10);
        for (String sql : List.of(ALL, ALL + " LIMIT 0")) {
            Page only = first(paged(sql, ResultFormat.NDJSON, 10));
            assertThat(only.next()).isNull();
            bytes(only.raw());
            await().until(() -> cursors.size() == 0 && files() == 0);
        }
    }

    @Test
    void rowLimitsCountAllPagesTogether() {
        tables.write(cpu, 0, 100);
        PagedQuery wanted = new PagedQuery(query(ALL), ResultFormat.NDJSON, NumberForm.NUMBER, 10, 20, Long.MAX_VALUE);
        Page second = next(first(wanted));
        assertThat(second.rows()).isEqualTo(10);
        assertThat(second.next()).isNull();
        assertThat(second.truncated()).isTrue();
        PagedQuery allowed = new PagedQuery(query(ALL), ResultFormat.NDJSON, NumberForm.NUMBER, 10, Long.MAX_VALUE, 25);
        Page page = next(first(allowed));
        assertThatThrownBy(() -> next(page))
                .isInstanceOfSatisfying(
                        WeirException.class, e -> assertThat(e.code()).isEqualTo(QueryError.ROW_LIMIT))
                .hasMessageContaining("more than 25 rows");
    }

    @Test
    void aFailureOnALaterPageIsToldThereAndNowhereElse() {
        // Far enough behind what the engine computes ahead of the first page.
        String sql = "SELECT CASE WHEN range < 3000000 THEN range ELSE CAST('x' || range AS INTEGER) END AS x"
                + " FROM range(4000000)";
        Page page = first(paged(sql, ResultFormat.NDJSON, 200_000));
        assertThat(page.rows()).isEqualTo(200_000);
        assertThatThrownBy(() -> {
                    for (Page at = page; ; ) {
                        at = next(at);
                    }
                })
                .hasMessageContaining("Could not convert");
        assertThat(text(next(page)).lines().count())
                .as("what was written stays")
                .isEqualTo(200_000);
    }

    @Test
    void aCursorIsItsCallersOnly() {
        tables.write(cpu, 0, 100);
        Page page = first(paged(ALL, ResultFormat.NDJSON, 10));
        for (Principal other : List.of(
                caller("evil", ME, "t1"),
                caller(TestTables.ORGANISATION, ME, "t2"), // another token of the same name
                caller(TestTables.ORGANISATION, ME, ""),
                caller(TestTables.ORGANISATION, "somebody", "t1"))) {
            assertThatThrownBy(() -> cursors.next(other, page.next()).block(PATIENCE))
                    .isInstanceOfSatisfying(
                            WeirException.class, e -> assertThat(e.code()).isEqualTo(QueryError.CURSOR_FOREIGN));
        }
        assertThat(next(page).rows()).isEqualTo(10);
    }

    @Test
    void whatIsNoCursorIsGone() {
        tables.write(cpu, 0, 100);
        String cursor = first(paged(ALL, ResultFormat.NDJSON, 50)).next();
        byte[] raw = Base64.getUrlDecoder().decode(cursor);
        raw[3] ^= 1;
        byte[] behindTheEnd = Base64.getUrlDecoder().decode(cursor);
        behindTheEnd[19] = 2;
        for (String wrong : List.of(
                "",
                "x",
                "../../etc/passwd",
                cursor + "A",
                Base64.getUrlEncoder().withoutPadding().encodeToString(raw),
                Base64.getUrlEncoder().withoutPadding().encodeToString(behindTheEnd))) {
            assertGone(wrong);
        }
    }

    @Test
    void aCursorLastsFromItsLatestUse() throws Exception {
        tables.write(cpu, 0, 100);
        Page page = first(paged(ALL, ResultFormat.NDJSON, 10));
        for (int i = 0; i < 8; i++) {
            clock.advance(Duration.ofMinutes(4));
            cursors.sweep();
            page = next(page);
        }
        String cursor = page.next();
        clock.advance(Duration.ofMinutes(5));
        assertGone(cursor); // also before it is swept
        cursors.sweep();
        assertThat(cursors.size()).isZero();
        await().until(() -> files() == 0);
        assertGone(cursor);
        assertThat(cursors.expired()).isEqualTo(1);
    }

    @Test
    void aCursorThatIsUsedEndsAtItsMaximumAge() {
        tables.write(cpu, 0, 1_000);
        Page page = first(paged(ALL, ResultFormat.NDJSON, 10));
        for (int i = 0; i < 14; i++) {
            clock.advance(Duration.ofMinutes(4));
            page = next(page);
        }
        clock.advance(Duration.ofMinutes(4));
        assertGone(page.next());
    }

    @Test
    void oneMoreThanAnOrganisationMayHaveEndsTheOneUsedLongestAgo() throws Exception {
        cursors.close();
        cursors = with(settings(3, 10, DataSize.ofMegabytes(100), DataSize.ofMegabytes(100)));
        tables.write(cpu, 0, 100);
        List<Page> pages = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            pages.add(first(paged(ALL, ResultFormat.NDJSON, 10)));
        }
        next(pages.get(0));
        pages.add(first(paged(ALL, ResultFormat.NDJSON, 10)));
        assertGone(pages.get(1).next());
        assertThat(next(pages.get(0)).rows()).isEqualTo(10);
        assertThat(next(pages.get(2)).rows()).isEqualTo(10);
        assertThat(cursors.size()).isEqualTo(3);
        assertThat(cursors.evicted()).isEqualTo(1);
        await().until(() -> files() == 3);
    }

    @Test
    void bytesAreLimitedAndOlderCursorsMakeRoom() throws Exception {
        cursors.close();
        cursors = with(settings(100, 100, DataSize.ofMegabytes(2), DataSize.ofMegabytes(1)));
        String random = "SELECT md5(range::VARCHAR) AS h FROM range(%d)"; // 16 bytes a row, compressed
        Page older = first(paged(random.formatted(40_000), ResultFormat.NDJSON, 10_000));
        await().until(() -> engine.acquired() == 0);
        Page newer = first(paged(random.formatted(40_001), ResultFormat.NDJSON, 10_000));
        await().until(() -> engine.acquired() == 0);
        assertGone(older.next());
        assertThat(next(newer).rows()).isEqualTo(10_000);
        Page tooLarge = first(paged(random.formatted(1_000_000), ResultFormat.NDJSON, 10_000));
        assertThatThrownBy(() -> {
                    for (Page at = tooLarge; ; ) {
                        at = next(at);
                    }
                })
                .isInstanceOfSatisfying(
                        WeirException.class, e -> assertThat(e.code()).isEqualTo(QueryError.CURSOR_LIMIT))
                .hasMessageContaining("bytes-per-organisation is 1048576B");
        assertThat(cursors.bytes()).isLessThanOrEqualTo(1 << 20);
        await().until(() -> files() == 1);
    }

    @Test
    void aThousandAbandonedCursorsLeaveNothing() throws Exception { // T1
        cursors.close();
        cursors = with(settings(1_000, 1_000, DataSize.ofMegabytes(100), DataSize.ofMegabytes(100)));
        tables.write(cpu, 0, 50);
        tables.flush(cpu);
        Random random = new Random(7);
        Flux.range(0, 1_000)
                .flatMap(
                        i -> cursors.open(paged(ALL, ResultFormat.NDJSON, 1 + random.nextInt(20)), UNTRACKED)
                                .flatMap(page -> page.raw().take(1).then()),
                        8)
                .blockLast(Duration.ofSeconds(120));
        await().until(() -> engine.acquired() == 0);
        assertThat(cursors.size()).isEqualTo(1_000);
        assertThat(cursors.bytes()).isPositive();
        clock.advance(Duration.ofMinutes(5));
        cursors.sweep();
        assertThat(cursors.size()).isZero();
        assertThat(cursors.bytes()).isZero();
        await().atMost(PATIENCE).until(() -> files() == 0);
        assertThat(tables.heldParts()).isZero();
    }

    @Test
    void oneWhoLeavesBeforeTheFirstPageEndsTheQuery() throws Exception {
        String endless = "SELECT range AS n FROM range(100000000000) WHERE hash(range) = 1";
        Disposable opening =
                cursors.open(paged(endless, ResultFormat.NDJSON, 10), UNTRACKED).subscribe();
        await().until(() -> engine.acquired() == 1);
        opening.dispose();
        await().atMost(PATIENCE).until(() -> engine.acquired() == 0 && cursors.size() == 0 && files() == 0);
    }

    @Test
    void neitherSessionNorHotRowsWaitForTheClient() {
        tables.write(cpu, 0, 10_000);
        Page page = first(paged(ALL, ResultFormat.NDJSON, 10));
        await().atMost(PATIENCE).until(() -> engine.acquired() == 0 && tables.heldParts() == 0);
        assertThat(next(page).rows()).isEqualTo(10);
    }

    @Test
    void whatAnEarlierProcessLeftIsRemovedAtTheStart() throws Exception {
        cursors.close();
        Files.writeString(directory.resolve("spill").resolve("cursors").resolve("old"), "x");
        cursors = with(settings(3, 10, DataSize.ofMegabytes(1), DataSize.ofMegabytes(1)));
        assertThat(files()).isZero();
    }
}
