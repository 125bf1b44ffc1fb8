package io.weir.standalone.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.schema.ColumnType;
import io.weir.common.supervise.Turn;
import io.weir.query.delete.DeleteAnswer;
import io.weir.standalone.server.ModelQuery.Progress;
import io.weir.storage.catalog.AuditEntry;
import io.weir.storage.catalog.ContinuousDefinition;
import io.weir.storage.catalog.ContinuousQuery;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.RetentionPolicy;
import io.weir.storage.catalog.RetentionRule;
import io.weir.storage.catalog.TaskState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import reactor.core.publisher.Mono;

/** A server, what should be in it, and steps by chance, each of which the server may die of. */
final class LifecycleModel implements AutoCloseable {

    /** Later than any file is by the store's clock, so that what no commit has named is an orphan at once. */
    private static final Instant START = Instant.parse("2040-01-01T00:00:00Z");

    private static final String SOURCE = "m";
    private static final long SECOND = 1_000_000L;
    private static final long MINUTE = 60 * SECOND;
    private static final long HOUR = 60 * MINUTE;
    private static final int WINDOWS = 6; // of one run, as the server is set to

    private static final List<ModelQuery> QUERIES = List.of(
            new ModelQuery(
                    "by10m",
                    "SELECT host, count(*) AS c, sum(n)::BIGINT AS s FROM m GROUP BY host",
                    micros(START),
                    10 * MINUTE,
                    0,
                    20 * MINUTE),
            new ModelQuery(
                    "by1h",
                    "SELECT host, count(*) AS c, sum(n)::BIGINT AS s FROM m WHERE time >= {start_time}"
                            + " AND time < {end_time} GROUP BY host",
                    micros(START),
                    HOUR,
                    5 * MINUTE,
                    HOUR),
            new ModelQuery(
                    "by20m",
                    "SELECT host, count(*) AS c, sum(n)::BIGINT AS s FROM m GROUP BY host",
                    micros(START),
                    20 * MINUTE,
                    MINUTE,
                    0));

    /** How long rows are kept: of the source, and of the others. */
    private static final Map<String, Duration> POLICIES =
            Map.of(SOURCE, Duration.ofHours(3), "by*", Duration.ofHours(8));

    private static final String DIED = " that the server died of";

    private final long seed;
    private final Random random;
    private volatile Instant now = START;
    private final Clock clock = ((InstantSource) () -> now).withZone(ZoneOffset.UTC);
    private final LifecycleHouse house;
    private final ModelFiles files = new ModelFiles();
    private final Map<String, Set<ModelRow>> tables = new TreeMap<>();
    private final Map<String, Long> watermarks = new HashMap<>();
    private final Map<String, Integer> done = new TreeMap<>();
    private long next;
    private int step;
    private String doing = "the first write";

    LifecycleModel(Path directory, long seed) throws IOException {
        this.seed = seed;
        this.random = new Random(seed);
        this.house = new LifecycleHouse(directory, clock);
        tables.put(SOURCE, new HashSet<>());
        for (ModelQuery query : QUERIES) {
            tables.put(query.id(), new HashSet<>());
            watermarks.put(query.id(), query.first());
            add(query);
        }
        POLICIES.forEach(this::add);
    }

    private static long micros(Instant time) {
        return TimeUnit.SECONDS.toMicros(time.getEpochSecond()) + TimeUnit.NANOSECONDS.toMicros(time.getNano());
    }

    private long nowMicros() {
        return micros(now);
    }

    private static Duration duration(long micros) {
        return Duration.of(micros, java.time.temporal.ChronoUnit.MICROS);
    }

    private AuditEntry entry(String id) {
        return new AuditEntry(0, now, LifecycleHouse.DATABASE.organisation(), "tester", "created", id, "");
    }

    private void add(ModelQuery query) {
        ContinuousDefinition definition = new ContinuousDefinition(
                query.id(),
                LifecycleHouse.DATABASE.database(),
                query.statement(),
                LifecycleHouse.DATABASE.table(query.id()),
                duration(query.interval()),
                duration(query.lag()),
                duration(query.lateness()),
                true,
                "tester",
                List.of(LifecycleHouse.DATABASE.database()));
        LifecycleHouse.await(house.queries()
                .add(
                        new ContinuousQuery(
                                query.id(),
                                LifecycleHouse.DATABASE.organisation(),
                                definition,
                                now,
                                0,
                                query.first(),
                                TaskState.firstDue(now)),
                        entry(query.id())));
    }

    private void add(String measurements, Duration keep) {
        RetentionRule rule = new RetentionRule(
                measurements, LifecycleHouse.DATABASE.database(), measurements, keep, Duration.ofMinutes(20), true);
        RetentionPolicy policy = new RetentionPolicy(
                measurements.replace('*', 'X'),
                LifecycleHouse.DATABASE.organisation(),
                rule,
                now,
                0,
                TaskState.firstDue(now));
        LifecycleHouse.await(house.policies().add(policy, entry(policy.id())));
    }

    /** Lives that many steps, and then until all is at rest. */
    void live(int steps) throws IOException {
        write();
        for (step = 0; step < steps; step++) {
            if (step > 0 && step % 1_000 == 0) {
                System.out.println("LifecycleModelTest seed " + seed + ", step " + step + ": " + told());
            }
            pass();
            boolean others = step();
            everythingIsThere(others ? tables.keySet() : List.of(SOURCE));
        }
        rest();
    }

    /** How often what was done. */
    String told() {
        return done.toString();
    }

    private String where() {
        return "seed " + seed + ", step " + step + ", after " + doing;
    }

    private void pass() {
        long seconds = random.nextInt(100) == 0 ? random.nextInt(3 * 3600) : random.nextInt(240);
        now = now.plusSeconds(seconds);
    }

    /** One step; whether any of it was about more than rows that come. */
    private boolean step() throws IOException {
        int chosen = random.nextInt(100);
        if (chosen < 36) {
            begin("a write");
            write();
        } else if (chosen < 48) {
            begin("a flush");
            end(house.flush());
        } else if (chosen < 58) {
            begin("a compaction");
            end(house.turn("compaction"));
        } else if (chosen < 70) {
            begin("continuous queries");
            queries();
        } else if (chosen < 76) {
            begin("a delete");
            delete();
        } else if (chosen < 82) {
            begin("a rewriting");
            end(house.turn("deletes"));
        } else if (chosen < 88) {
            begin("retention");
            retention();
        } else if (chosen < 92) {
            begin("a removal of orphans");
            end(house.turn("orphans"));
        } else if (chosen < 95) {
            begin("forgetting");
            end(house.turn("forgetting"));
        } else if (chosen < 97) {
            begin("a restart");
            house.crash().live();
            house.restart();
        } else if (chosen < 98) {
            begin("a crash");
            house.comeBack();
        } else {
            begin("a crash amid a write");
            writeAndDie();
        }
        return chosen >= 48 || doing.endsWith(DIED);
    }

    /** From now on that is done, and the server may die of it. */
    private void begin(String what) {
        doing = what;
        done.merge(what, 1, Integer::sum);
        if (random.nextInt(8) == 0) {
            house.crash().dieAt(random.nextInt(16), random.nextBoolean());
        }
    }

    private boolean end(Mono<?> work) throws IOException {
        house.attempt(work);
        return survived();
    }

    /** Whether the server has lived through what was done; if not, the next one has begun. */
    private boolean survived() throws IOException {
        boolean lived = !house.crash().isDead();
        house.crash().live();
        if (!lived) {
            done.merge("killed", 1, Integer::sum);
            doing += DIED;
            house.comeBack();
        }
        return lived;
    }

    private ColumnBatch batch(Set<ModelRow> rows) {
        BatchBuilder builder = new BatchBuilder(SOURCE);
        for (int left = 1 + random.nextInt(20); left > 0; left--) {
            ModelRow row = row();
            rows.add(row);
            int tag = builder.series().tag("host");
            byte[] host = row.host().getBytes(StandardCharsets.UTF_8);
            builder.series().stage(tag, builder.series().code(tag, host, 0, host.length));
            builder.setLong(builder.field("n", ColumnType.INT64), row.first());
            builder.setLong(builder.field("age", ColumnType.INT64), row.second());
            builder.endRow(builder.series().intern(), row.micros(), 0);
        }
        return builder.build();
    }

    /** Mostly of now, some late, some so late that no window takes them, or that they are too old already. */
    private ModelRow row() {
        int how = random.nextInt(100);
        long most = how < 80 ? 10 * MINUTE : how < 98 ? 90 * MINUTE : 6 * HOUR;
        long age = (long) (random.nextDouble() * most) - (how < 5 ? 5 * MINUTE : 0);
        return new ModelRow(nowMicros() - age, "h" + random.nextInt(3), next++, age / SECOND);
    }

    private void write() throws IOException {
        Set<ModelRow> rows = new HashSet<>(source());
        boolean lived = end(house.write(batch(rows)));
        becomes(SOURCE, lived, List.of(source(), rows));
    }

    private void writeAndDie() throws IOException {
        Set<ModelRow> rows = new HashSet<>(source());
        house.write(batch(rows)).subscribe(ok -> {}, failure -> {});
        house.comeBack();
        becomes(SOURCE, false, List.of(source(), rows));
    }

    private Set<ModelRow> source() {
        return tables.get(SOURCE);
    }

    /**
     * What a measurement has come to: the last of what it may be, when the server lived; else that which it is.
     *
     * @return which one
     */
    private int becomes(String table, boolean lived, List<Set<ModelRow>> possible) {
        int last = possible.size() - 1;
        if (!lived) {
            String totals = totals(List.of(table)).get(table);
            while (last >= 0 && !ModelRow.totals(table, possible.get(last)).equals(totals)) {
                last--;
            }
            assertThat(last)
                    .as(where() + ": " + table + " has " + totals + ", may have "
                            + possible.stream()
                                    .map(rows -> ModelRow.totals(table, rows))
                                    .toList())
                    .isNotNegative();
        }
        tables.put(table, possible.get(last));
        return last;
    }

    private static String rowsOf(String table) {
        return "SELECT epoch_us(time) AS t, host, " + (table.equals(SOURCE) ? "n AS a, age AS b" : "c AS a, s AS b")
                + " FROM ";
    }

    /** Count and sums of measurements that there are, by one statement. */
    private Map<String, String> totals(Collection<String> of) {
        List<String> there = of.stream()
                .filter(table -> table.equals(SOURCE) || !house.files(table).isEmpty())
                .toList();
        String sql = there.stream()
                .map(table -> ModelRow.totals(table, rowsOf(table) + table))
                .collect(Collectors.joining(" UNION ALL "));
        Map<String, String> totals = (there.isEmpty() ? "" : house.ask(sql))
                .lines()
                .collect(Collectors.toMap(
                        line -> there.stream()
                                .filter(table -> line.contains("\"" + table + "\""))
                                .findFirst()
                                .orElseThrow(),
                        line -> line));
        of.forEach(table -> totals.putIfAbsent(table, ModelRow.totals(table, List.of())));
        return totals;
    }

    private void everythingIsThere(Collection<String> of) {
        totals(of).forEach((table, totals) -> {
            Set<ModelRow> rows = tables.get(table);
            if (!totals.equals(ModelRow.totals(table, rows))) {
                assertThat(house.ask(rowsOf(table) + table).lines())
                        .as(where() + ": " + table)
                        .containsExactlyInAnyOrderElementsOf(rows.stream()
                                .map(row -> "{\"t\":" + row.micros() + ",\"host\":\"" + row.host() + "\",\"a\":"
                                        + row.first() + ",\"b\":" + row.second() + "}")
                                .toList());
                throw new AssertionError(where() + ": " + table + " has " + totals);
            }
        });
    }

    private ContinuousQuery stored(ModelQuery query) {
        return LifecycleHouse.await(house.queries().find(LifecycleHouse.DATABASE.organisation(), query.id()));
    }

    /** Windows that have ended come, late rows change those that are open, and nothing else happens. */
    private void queries() throws IOException {
        Map<String, List<Progress>> possible = new HashMap<>();
        for (ModelQuery query : QUERIES) {
            Progress before = new Progress(watermarks.get(query.id()), tables.get(query.id()));
            boolean isDue = !stored(query).state().nextRun().isAfter(now);
            possible.put(query.id(), isDue ? query.run(source(), before, nowMicros(), WINDOWS) : List.of(before));
        }
        boolean lived = end(house.turn("continuous-queries"));
        for (ModelQuery query : QUERIES) {
            List<Progress> all = possible.get(query.id());
            ContinuousQuery after = stored(query);
            List<Progress> reached = lived
                    ? all.subList(all.size() - 1, all.size())
                    : all.stream()
                            .filter(one -> one.watermark() == after.watermarkMicros())
                            .toList();
            assertThat(reached)
                    .as(where() + ": " + query.id() + " is at " + after.watermarkMicros())
                    .isNotEmpty();
            Progress at = reached.get(becomes(
                    query.id(), lived, reached.stream().map(Progress::rows).toList()));
            assertThat(after.watermarkMicros()).as(where()).isEqualTo(at.watermark());
            watermarks.put(query.id(), at.watermark());
            assertThat(after.state().failures())
                    .as(where() + ": " + after.state())
                    .isZero();
            if (lived) {
                assertThat(micros(after.state().nextRun()))
                        .as(where() + ": " + query.id() + " runs again")
                        .isEqualTo(query.due(at.watermark()) < nowMicros() ? nowMicros() : query.due(at.watermark()));
            }
        }
    }

    /** Rows that fit go; of windows only such that late rows do not change any more. */
    private void delete() throws IOException {
        ModelQuery query = QUERIES.get(random.nextInt(QUERIES.size()));
        boolean ofWindows = random.nextInt(4) == 0 && !house.files(query.id()).isEmpty();
        String table = ofWindows ? query.id() : SOURCE;
        long settled = query.settled(watermarks.get(query.id())) - query.interval();
        ModelCondition condition = ofWindows
                ? ModelCondition.ofWindows(random, settled - random.nextInt(20) * query.interval())
                : ModelCondition.ofRows(random, nowMicros(), next);
        Set<ModelRow> left =
                tables.get(table).stream().filter(condition.holds().negate()).collect(Collectors.toSet());
        DeleteAnswer answer = house.attempt(house.delete(table, condition.where()));
        boolean lived = survived();
        doing += " of " + table + " where " + condition.where();
        if (lived) {
            assertThat(answer.rows()).as(where()).isEqualTo(tables.get(table).size() - left.size());
        }
        becomes(table, lived, List.of(tables.get(table), left));
    }

    /** Files of which every row is too old go, as their rows say and not the catalog. */
    private void retention() throws IOException {
        Map<String, Set<ModelRow>> left = new HashMap<>();
        for (RetentionPolicy policy : policies()) {
            if (!policy.state().nextRun().isAfter(now)) {
                long cutoff = nowMicros()
                        - TimeUnit.MILLISECONDS.toMicros(policy.rule().keep().toMillis());
                tables.keySet().stream()
                        .filter(table ->
                                table.matches(policy.rule().measurements().replace("*", ".*")))
                        .forEach(table -> left.put(table, left(table, cutoff)));
            }
        }
        boolean lived = end(house.turn("retention"));
        left.forEach((table, rows) -> becomes(table, lived, List.of(tables.get(table), rows)));
        for (RetentionPolicy policy : policies()) {
            assertThat(policy.state().failures())
                    .as(where() + ": " + policy.state())
                    .isZero();
            if (lived) {
                assertThat(policy.state().nextRun()).as(where()).isAfter(now);
            }
        }
    }

    private List<RetentionPolicy> policies() {
        return LifecycleHouse.await(house.policies().list(LifecycleHouse.DATABASE.organisation(), "", 10));
    }

    private Set<ModelRow> left(String table, long cutoff) {
        Set<ModelRow> left = new HashSet<>(tables.get(table));
        int before = left.size();
        for (Path file : house.files(table).keySet()) {
            List<ModelRow> rows = files.rows(file, rowsOf(table));
            if (rows.stream().allMatch(row -> row.micros() < cutoff)) {
                rows.forEach(left::remove);
            }
        }
        done.merge("rows aged", before - left.size(), Integer::sum);
        return left;
    }

    /** In the end nothing is due, every file has rows that are not deleted, and nothing else is in the store. */
    private void rest() throws IOException {
        doing = "the end";
        house.crash().live();
        LifecycleHouse.await(house.flush());
        for (int n = 0; n < 6; n++) {
            now = now.plus(Duration.ofHours(12)); // days are over, and their files settled
            for (String loop : List.of("compaction", "deletes", "forgetting", "orphans")) {
                assertThat(LifecycleHouse.await(house.turn(loop))).as(loop).isNotEqualTo(Turn.SKIPPED);
            }
            everythingIsThere(tables.keySet());
        }
        Set<Path> known = new HashSet<>();
        tables.forEach((table, rows) -> {
            Map<Path, DataFile> of = house.files(table);
            known.addAll(of.keySet());
            assertThat(of.values().stream().mapToLong(DataFile::rows).sum())
                    .as(where() + ": rows in files of " + table)
                    .isEqualTo(rows.size());
        });
        assertThat(house.stored()).as(where() + ": files").isEqualTo(known);
        assertThat(LifecycleHouse.await(house.compactions().quarantined(10)))
                .as(where())
                .isEmpty();
    }

    @Override
    public void close() {
        files.close();
        house.close();
    }
}
